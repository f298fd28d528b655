import { expect, it } from 'vitest';
import { MAX_TIMER_MS, systemClock } from '../../../../lib/core/common/clock.js';

/** Timers that keep the process alive. */
const keeping = () =>
  process.getActiveResourcesInfo().filter(resource => resource === 'Timeout').length;
const HOUR = 3_600_000;

it('gives the time of day, and a time that no clock change sets back', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(HOUR);
  expect(Math.abs(systemClock.monotonic() - performance.now())).toBeLessThan(HOUR);
});

it('knows the longest time of a timer', () => {
  expect(MAX_TIMER_MS).toBe(2_147_483_647);
});

it('calls back', async () => {
  await new Promise<void>(resolve => systemClock.after(1, resolve, true));
});

it.each([
  [undefined, 0],
  [false, 0],
  [true, 1],
])('keeps the process alive for a timer with keepAlive %s: %i', (keepAlive, count) => {
  const before = keeping();
  const cancel = systemClock.after(HOUR, () => undefined, keepAlive);
  expect(keeping() - before).toBe(count);
  cancel();
  expect(keeping() - before).toBe(0);
});
