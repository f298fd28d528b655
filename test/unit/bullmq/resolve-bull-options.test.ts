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
    prefix: 'bull',
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
    [`${name} as text`, { [name]: '500' }, name],
    // Longer than a timer can wait, which then ends at once.
    [`${name} without end`, { [name]: Infinity }, name],
    [`${name} of 25 days`, { [name]: 25 * DAY * 1_000 }, name],
  ]),
  ['an unknown backoff', { backoff: { type: 'linear' as never } }, 'backoff.type'],
  ['a backoff of NaN', { backoff: { delay: NaN } }, 'backoff.delay'],
  ['a backoff below 0', { backoff: { delay: -1 } }, 'backoff.delay'],
  ['a jitter above 1', { backoff: { jitter: 1.5 } }, 'backoff.jitter'],
  ['a backoff as a number', { backoff: 5_000 as never }, 'backoff'],
  ['a backoff of null', { backoff: null as never }, 'backoff'],
  ['an age as text', { keepCompleted: { age: '3d' as never } }, 'keepCompleted.age'],
  ['an age below 0', { keepFailed: { age: -1 } }, 'keepFailed.age'],
  ['a broken count', { keepFailed: { count: 1.5 } }, 'keepFailed.count'],
  ['a count below 0', { keepCompleted: { count: -1 } }, 'keepCompleted.count'],
  ['a number for an object', { keepCompleted: 100 as never }, 'keepCompleted'],
])('rejects %s', (_what, given, option) => {
  expect(() => resolve(given)).toThrow(`RevragBullModule: ${option} must be`);
});

it.each<[string, object, string]>([
  ['backoff.typ', { backoff: { typ: 'fixed' } }, '.'],
  ['keepCompleted.ages', { keepCompleted: { ages: 1 } }, '.'],
  ['keepFailed.max', { keepFailed: { max: 1 } }, '.'],
  ['queue.prefix', { queue: { prefix: 'app' } }, '. Give the option prefix of the module.'],
  ['queue.connection', { queue: { connection: {} } }, 'connection or postgres'],
  ['queue.defaultJobOptions', { queue: { defaultJobOptions: {} } }, 'attempts, backoff, keepC'],
  ['worker.prefix', { worker: { prefix: 'app' } }, 'prefix'],
  ['worker.connection', { worker: { connection: {} } }, 'connection or postgres'],
  ['worker.autorun', { worker: { autorun: false } }, 'role'],
  ['worker.removeOnComplete', { worker: { removeOnComplete: true } }, 'keepCompleted'],
  ['worker.removeOnFail', { worker: { removeOnFail: true } }, 'keepFailed'],
])('has no option %s', (name, given, cure) => {
  expect(() => resolve(given)).toThrow(`RevragBullModule: there is no option ${name}.`);
  expect(() => resolve(given)).toThrow(cure);
});

it('takes what is undefined for what is not given', () => {
  const given = resolve({
    backoff: { type: undefined, delay: undefined, jitter: undefined },
    keepCompleted: { age: undefined, count: undefined },
    keepFailed: { age: undefined, count: undefined },
    worker: { concurrency: undefined, stalledInterval: undefined, lockDuration: undefined },
    queue: { streams: undefined },
  });
  expect(given).toEqual(resolve());
});

it.each(['', 'a:b'])('rejects the queue name "%s"', name => {
  expect(() => resolve({}, name)).toThrow('queueName must be');
});
