import { expect, it } from 'vitest';
import { HandlerTimes } from '../../../../lib/core/handlers/handler-times.js';
import { ManualClock } from '../../../support/manual-clock.js';

/** A handler that runs, and what is said of it. */
function watch(options: { handlerTimeout?: number; graceTimeout: number }) {
  const clock = new ManualClock();
  const said: string[] = [];
  const say = (event: string) => (text: string) => said.push(`${event}: ${text}`);
  const end = new HandlerTimes(options, clock).watch({
    onSlow: say('slow'),
    onTimeout: say('timeout'),
    onStuck: say('stuck'),
  });
  return { clock, said, end };
}

it('says once, after five minutes, that a handler without a limit is slow', async () => {
  const { clock, said } = watch({ graceTimeout: 1 });
  await clock.pass(299_999);
  expect(said).toEqual([]);
  await clock.pass(3_600_000);
  expect(said).toEqual(['slow: still running after 5 minutes. Set handlerTimeout to limit it.']);
  expect(clock.pending).toBe(0);
});

it('says when a limit has passed, and when the grace has passed as well', async () => {
  const { clock, said } = watch({ handlerTimeout: 1_000, graceTimeout: 500 });
  await clock.pass(999);
  expect(said).toEqual([]);
  await clock.pass(500);
  expect(said).toEqual(['timeout: handlerTimeout of 1000 ms has passed']);
  await clock.pass(1);
  expect(said[1]).toBe('stuck: stuck, not settled 500 ms after its signal aborted');
  expect(clock.pending).toBe(0);
});

it.each([
  ['that has no limit', { graceTimeout: 1 }, 1],
  ['in time', { handlerTimeout: 1_000, graceTimeout: 500 }, 1],
  ['within its grace', { handlerTimeout: 1_000, graceTimeout: 500 }, 1_100],
])('leaves no timer of a handler %s', async (_name, options, after) => {
  const { clock, end } = watch(options);
  await clock.pass(after);
  expect(clock.pending).toBe(1);
  end();
  expect(clock.pending).toBe(0);
});
