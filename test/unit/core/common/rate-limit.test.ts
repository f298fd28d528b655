import { expect, it } from 'vitest';
import { RateLimit } from '../../../../lib/core/common/rate-limit.js';
import { ManualClock } from '../../../support/manual-clock.js';

/** How many are taken until the limit. */
function takeAll(limit: RateLimit): number {
  let taken = 0;
  while (taken < 1_000 && limit.take()) taken += 1;
  return taken;
}

it('allows a burst whatever a test does to the clock', () => {
  let now = 60_000;
  const limit = new RateLimit({ monotonic: () => now }, 5, 2);
  now = 0;
  expect(takeAll(limit)).toBe(5);
  now = 500;
  expect(takeAll(limit)).toBe(1);
});

it('allows a burst, then a rate, and saves up no more than the burst', () => {
  const clock = new ManualClock();
  const limit = new RateLimit(clock, 5, 2);
  expect(takeAll(limit)).toBe(5);
  clock.standStill(499);
  expect(limit.take()).toBe(false);
  clock.standStill(1);
  expect(takeAll(limit)).toBe(1);
  clock.standStill(2_000);
  expect(takeAll(limit)).toBe(4);
  clock.standStill(3_600_000);
  expect(takeAll(limit)).toBe(5);
});
