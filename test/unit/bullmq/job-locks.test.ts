import { expect, it } from 'vitest';
import type { EventJob } from '../../../lib/bullmq/event-job.js';
import { JobLocks } from '../../../lib/bullmq/job-locks.js';
import { ManualClock } from '../../support/manual-clock.js';

const LOCK = 10_000;

/** A job that a worker asked for `age` ago, and a queue that says whether its lock is still held. */
function setUp(age: number, answer: () => Promise<number> = () => Promise.resolve(1)) {
  const clock = new ManualClock();
  const asked: unknown[][] = [];
  const job = {
    ...{ name: 'save · call_1', token: 'token' as string | undefined },
    processedOn: clock.now() - age,
    extendLock: (...given: unknown[]) => {
      asked.push(given);
      return answer();
    },
  };
  const requireLock = (duration?: number) =>
    new JobLocks(clock, duration).require(job as unknown as EventJob);
  return { job, asked, requireLock };
}

it.each([0, 1, LOCK / 2 - 1])('trusts a lock that is %i ms old', async age => {
  const { asked, requireLock } = setUp(age);
  await requireLock(LOCK);
  expect(asked).toEqual([]);
});

it.each([LOCK / 2, LOCK, 100 * LOCK, -1])('asks about one that is %i ms old', async age => {
  const { asked, requireLock } = setUp(age);
  await requireLock(LOCK);
  expect(asked).toEqual([['token', LOCK]]);
});

it('takes 30 s for the length of a lock unless another is given', async () => {
  for (const [age, times] of [
    [14_999, 0],
    [15_000, 1],
  ] as const) {
    const { asked, requireLock } = setUp(age);
    await requireLock();
    expect(asked).toHaveLength(times);
  }
});

it('fails the run if the lock has ended', async () => {
  const { requireLock } = setUp(LOCK, () => Promise.resolve(0));
  await expect(requireLock(LOCK)).rejects.toThrow(
    'save · call_1: its lock ran out before it could run here',
  );
});

it('runs the job where the queue does not answer, or where it has no token', async () => {
  await setUp(LOCK, () => Promise.reject(new Error('away'))).requireLock(LOCK);
  const { job, asked, requireLock } = setUp(LOCK, () => Promise.resolve(0));
  job.token = undefined;
  await requireLock(LOCK);
  expect(asked).toEqual([]);
});
