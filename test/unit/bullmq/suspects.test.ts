import { DelayedError } from 'bullmq';
import { expect, it } from 'vitest';
import type { EventJob } from '../../../lib/bullmq/event-job.js';
import { Suspects } from '../../../lib/bullmq/suspects.js';
import { deferred } from '../../support/deferred.js';
import { ManualClock } from '../../support/manual-clock.js';

function setUp(maxStalled: number) {
  const clock = new ManualClock();
  const suspects = new Suspects(maxStalled, clock);
  const ended = deferred();
  const delayed: number[] = [];
  const started: string[] = [];
  const start = (id: string, stalledCounter: number) => {
    const moveToDelayed = (at: number) => Promise.resolve(delayed.push(at - clock.now()));
    const job = { id, stalledCounter, token: 'token', moveToDelayed } as unknown as EventJob;
    return suspects.alone(job, () => {
      started.push(id);
      return ended.promise;
    });
  };
  return { clock, start, started, delayed, ended };
}

it.each([
  [3, 2],
  [2, 1],
  [1, 1],
  [0, 1],
])('with a maximum of %i, suspects a job from crash %i on', async (maxStalled, from) => {
  const { start, started, delayed } = setUp(maxStalled);
  void start('innocent', from - 1);
  void start('suspect', from);
  void start('innocent 2', from - 1);
  expect(started).toEqual(['innocent', 'suspect', 'innocent 2']);
  await expect(start('suspect 2', from)).rejects.toThrow(DelayedError);
  expect(started).toHaveLength(3);
  expect(delayed).toEqual([1_000]);
});

it('runs the next one when a suspect has ended, also in failure', async () => {
  const { start, started, ended } = setUp(3);
  const first = start('first', 2);
  ended.reject(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await expect(start('second', 2)).rejects.toThrow('no');
  expect(started).toEqual(['first', 'second']);
});

it('runs the next one beside a suspect that has not settled for a minute', async () => {
  const { clock, start, started, ended } = setUp(3);
  const first = start('first', 2);
  await clock.pass(59_999);
  await expect(start('second', 2)).rejects.toThrow(DelayedError);
  await clock.pass(1);
  const second = start('second', 2);
  expect(started).toEqual(['first', 'second']);
  // Which runs alone in turn.
  await expect(start('third', 2)).rejects.toThrow(DelayedError);
  ended.resolve();
  await Promise.all([first, second]);
  expect(clock.pending).toBe(0);
});
