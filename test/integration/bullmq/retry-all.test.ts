import { expect, it } from 'vitest';
import { RevragDeadLetters } from '../../../lib/bullmq/revrag-dead-letters.js';
import { ManualClock } from '../../support/manual-clock.js';

const BATCH = 20;

/** Failed jobs whose handlers fail again as soon as they are retried. */
function setUp(count: number) {
  const clock = new ManualClock();
  const retries: string[] = [];
  const failed: { id: string; finishedOn: number }[] = [];
  const fail = (id: string, finishedOn: number) => {
    const job = {
      ...{ id, finishedOn, timestamp: 0, attemptsStarted: 1, failedReason: 'no' },
      data: { v: 1, handler: Number(id) % 2 ? 'odd' : 'even', endpoint: 'default', headers: {} },
      isFailed: () => Promise.resolve(true),
      retry: () => {
        retries.push(id);
        if (retries.length > 2 * count) throw new Error('It retries for ever');
        failed.splice(failed.indexOf(job), 1);
        fail(id, clock.now() + 1);
        return Promise.resolve();
      },
    };
    failed.push(job);
  };
  for (let index = 0; index < count; index += 1) fail(String(index), clock.now());
  const getJobs = (_state: string, first: number, last: number) =>
    Promise.resolve(failed.slice(first, last + 1));
  return { deadLetters: new RevragDeadLetters({ getJobs } as never, clock), retries };
}

it.each([0, 1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH, 3 * BATCH + 5])(
  'retries each of %i dead letters once, although each fails again meanwhile',
  async count => {
    const { deadLetters, retries } = setUp(count);
    expect(await deadLetters.retryAll()).toBe(count);
    expect(new Set(retries).size).toBe(count);
    expect(retries).toHaveLength(count);
  },
);

it('retries those that a filter names, past those that it does not', async () => {
  const { deadLetters, retries } = setUp(101);
  expect(await deadLetters.retryAll({ handlerId: 'odd' })).toBe(50);
  expect(retries.every(id => Number(id) % 2 === 1)).toBe(true);
  expect(await deadLetters.retryAll({ handlerId: 'none' })).toBe(0);
  expect(await deadLetters.retryAll({ endpoint: 'other' })).toBe(0);
});
