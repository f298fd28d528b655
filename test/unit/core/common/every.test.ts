import { expect, it } from 'vitest';
import { every } from '../../../../lib/core/common/every.js';
import { ManualClock } from '../../../support/manual-clock.js';

it('repeats work until it is cancelled, and leaves no timer', async () => {
  const clock = new ManualClock();
  let times = 0;
  const cancel = every(1_000, clock, () => (times += 1));
  await clock.pass(999);
  expect(times).toBe(0);
  await clock.pass(1);
  expect(times).toBe(1);
  await clock.pass(2_000);
  expect(times).toBe(3);
  cancel();
  expect(clock.pending).toBe(0);
});

it('can be cancelled by its own work', async () => {
  const clock = new ManualClock();
  const cancel = every(1_000, clock, () => cancel());
  await clock.pass(1_000);
  expect(clock.pending).toBe(0);
});
