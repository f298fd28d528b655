import { MemoryIdempotencyStore } from 'nestjs-revrag-webhook';
import { describeIdempotencyStore } from './idempotency-store.contract.js';

describeIdempotencyStore('MemoryIdempotencyStore', () => new MemoryIdempotencyStore(), {
  leases: false,
});
