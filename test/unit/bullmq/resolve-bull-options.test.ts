import { expect, it } from 'vitest';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import type { RevragBullOptions } from '../../../lib/bullmq/revrag-bull.options.js';

const resolve = (given: RevragBullOptions = {}, queueName = 'q') =>
  resolveBullOptions({ connection: {}, ...given }, queueName);
const DAY = 24 * 3600;

it('has the defaults that the documents name', () => {
  expect(resolve()).toEqual({
    queueName: 'q',
    role: 'both',
    connection: {},
    prefix: undefined,
    attempts: 10,
    backoff: { type: 'exponential', delay: 5_000, jitter: 0.5 },
    keepCompleted: { age: 3 * DAY, count: 100_000 },
    keepFailed: { age: 14 * DAY, count: 10_000 },
    persistTimeout: 5_000,
    shutdownTimeout: 10_000,
    progressTimeout: 60_000,
    graceTimeout: 60_000,
    onStuck: 'keep',
    queue: {},
    worker: { concurrency: 10, maxStalledCount: 3, stalledInterval: 5_000 },
  });
});

it.each([1, 2, 3, 4])('gives up a job that ends its process, with %i attempts', attempts => {
  expect(resolve({ attempts }).worker.maxStalledCount).toBe(Math.min(attempts, 3));
});

it('keeps what is given beside the defaults', () => {
  const given = resolve({
    backoff: { type: 'fixed' },
    keepCompleted: { count: 5 },
    keepFailed: { age: 6 },
    worker: { lockDuration: 7, concurrency: 8 },
    queue: { streams: { events: { maxLen: 9 } } },
  });
  expect(given.backoff).toEqual({ type: 'fixed', delay: 5_000, jitter: 0.5 });
  expect(given.keepCompleted).toEqual({ age: 3 * DAY, count: 5 });
  expect(given.keepFailed).toEqual({ age: 6, count: 10_000 });
  expect(given.worker).toMatchObject({ lockDuration: 7, concurrency: 8, stalledInterval: 5_000 });
  expect(given.queue).toEqual({ streams: { events: { maxLen: 9 } } });
});

it('prefers its own connection and prefix to those of BullModule.forRoot()', () => {
  const shared = { connection: { port: 1 }, prefix: 'shared', streams: { events: { maxLen: 1 } } };
  expect(resolveBullOptions({}, 'q', shared)).toMatchObject({
    ...{ connection: { port: 1 }, prefix: 'shared', queue: { streams: { events: { maxLen: 1 } } } },
  });
  const own = {
    connection: { port: 2 },
    prefix: 'own',
    queue: { streams: { events: { maxLen: 2 } } },
  };
  expect(resolveBullOptions(own, 'q', shared)).toMatchObject(own);
});

it.each<[string, RevragBullOptions, string]>([
  ['attempts of 0', { attempts: 0 }, 'attempts'],
  ['attempts of 1.5', { attempts: 1.5 }, 'attempts'],
  ...(
    [
      'persistTimeout',
      'shutdownTimeout',
      'handlerTimeout',
      'graceTimeout',
      'progressTimeout',
    ] as const
  ).flatMap((name): [string, RevragBullOptions, string][] => [
    [`${name} of 0`, { [name]: 0 }, name],
    [`${name} of NaN`, { [name]: NaN }, name],
  ]),
])('rejects %s', (_what, given, option) => {
  expect(() => resolve(given)).toThrow(`RevragBullModule: ${option} must be`);
});

it.each(['', 'a:b'])('rejects the queue name "%s"', name => {
  expect(() => resolve({}, name)).toThrow('queueName must be');
});
