import { MemoryIdempotencyStore } from 'nestjs-revrag-webhook';
import { ManualClock } from '../support/manual-clock.js';
import { describeIdempotencyStore } from './idempotency-store.contract.js';

describeIdempotencyStore('MemoryIdempotencyStore', () => {
  const clock = new ManualClock();
  const store = new MemoryIdempotencyStore({ now: () => clock.now() });
  return { store, pass: ms => clock.pass(ms) };
});
