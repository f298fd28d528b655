import { expect, it } from 'vitest';
import { endsWithin, within } from '../../../../lib/core/common/within.js';
import { deferred } from '../../../support/deferred.js';
import { ManualClock } from '../../../support/manual-clock.js';

it('gives the value of work that ends in time, and leaves no timer', async () => {
  const clock = new ManualClock();
  const work = deferred<number>();
  const value = within(work.promise, 1_000, clock);
  await clock.pass(999);
  work.resolve(42);
  expect(await value).toBe(42);
  expect(clock.pending).toBe(0);
});

it('gives undefined for work that takes longer, whatever becomes of that', async () => {
  const clock = new ManualClock();
  const work = deferred<number>();
  const value = within(work.promise, 1_000, clock);
  const ended = endsWithin(work.promise, 1_000, clock);
  await clock.pass(1_000);
  expect(await value).toBeUndefined();
  expect(await ended).toBe(false);
  work.reject(new Error('too late to matter'));
});

it('rejects as work that fails in time', async () => {
  const clock = new ManualClock();
  await expect(within(Promise.reject(new Error('no')), 1_000, clock)).rejects.toThrow('no');
  expect(clock.pending).toBe(0);
});

it.each([
  [undefined, false],
  [true, true],
])('has a timer that keeps the process alive if %s: %s', (keepAlive, expected) => {
  const asked: unknown[] = [];
  const clock = new ManualClock();
  const after = (...args: unknown[]) => {
    asked.push(args[2]);
    return () => undefined;
  };
  void endsWithin(new Promise(() => undefined), 1_000, Object.assign(clock, { after }), keepAlive);
  expect(asked).toEqual([expected]);
});
