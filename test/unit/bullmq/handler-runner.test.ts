import { Logger } from '@nestjs/common';
import { UnrecoverableError } from 'bullmq';
import { beforeEach, expect, it } from 'vitest';
import type { EventJob, HandlerJobData } from '../../../lib/bullmq/event-job.js';
import { HandlerRunner } from '../../../lib/bullmq/handler-runner.js';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import { RunLimits } from '../../../lib/bullmq/run-limits.js';
import { Delivery } from '../../../lib/core/events/delivery.js';
import type { HandlerResult } from '../../../lib/core/handlers/handler.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { LogCollector } from '../../support/logs.js';
import { ManualClock } from '../../support/manual-clock.js';
import { verified } from '../../support/verified.js';

const ended: HandlerResult = { status: 'finished' };
const turn = () => new Promise(resolve => setImmediate(resolve));

let clock: ManualClock;
let runner: HandlerRunner;
/** Of the handlers that run, by the ids of their deliveries. */
let running: Map<string, { delivery: Delivery; result: Deferred<HandlerResult> }>;
let recorded: string[];

beforeEach(() => {
  Logger.overrideLogger(new LogCollector());
  clock = new ManualClock();
  running = new Map();
  recorded = [];
  const options = resolveBullOptions(
    { connection: {}, handlerTimeout: 100, graceTimeout: 50 },
    'q',
  );
  runner = new HandlerRunner(
    { list: () => [{ id: 'bill' }, { id: 'save' }] } as never,
    {
      dispatch: ({ delivery }: { delivery: Delivery }) => {
        const result = deferred<HandlerResult>();
        running.set(delivery.id, { delivery, result });
        return result.promise;
      },
    } as never,
    {
      finish: ({ id }: EventJob) => Promise.resolve(recorded.push(`finish ${id}`)),
      revive: ({ id }: EventJob) => Promise.resolve(recorded.push(`revive ${id}`)),
    } as never,
    new RunLimits(options, clock, { stuckHandlers: () => undefined } as never),
    {
      read: ({ id }: HandlerJobData) => {
        const delivery = new Delivery(verified('{}', { id }));
        return Promise.resolve({ event: { type: 'call.ended', payload: {}, delivery } });
      },
    } as never,
  );
});

/** Starts a run, and gives what it rejects with. */
async function start(id: string, handler = 'save') {
  const job = { id: `job ${id}`, name: id, attemptsStarted: 3, timestamp: 1_000 };
  const data = { id, handler, key: `key of ${id}` };
  const run = runner.run(job as EventJob, data as HandlerJobData).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  await turn();
  return { run, ...running.get(id)! };
}

it('calls the handler with attempt, key and fence of the job', async () => {
  const { run, delivery, result } = await start('a');
  expect(delivery).toMatchObject({ attempt: 3, key: 'key of a', fence: 1_003 });
  result.resolve(ended);
  expect(await run).toBeUndefined();
});

it('aborts the handler of one job, or all', async () => {
  const [a, b] = [await start('a'), await start('b')];
  runner.abort('The lock on the job was lost', 'job b');
  expect([a, b].map(({ delivery }) => delivery.signal.aborted)).toEqual([false, true]);
  expect(b.delivery.signal.reason).toEqual(new Error('The lock on the job was lost'));
  runner.abort('The app is closing');
  expect(a.delivery.signal.reason).toEqual(new Error('The app is closing'));
});

it('aborts no handler that has settled', async () => {
  const { run, delivery, result } = await start('a');
  result.resolve(ended);
  await run;
  runner.abort('The app is closing');
  expect(delivery.signal.aborted).toBe(false);
});

it('fails as the handler does, for good if it gave up', async () => {
  const cause = new TypeError('no such customer');
  for (const [result, expected] of [
    [{ status: 'failed', error: cause }, cause],
    [{ status: 'abandoned', error: cause }, new UnrecoverableError(cause.message)],
    [{ status: 'failed', error: '4111' }, new Error('The handler threw a value of type string')],
  ] as const) {
    const started = await start('a');
    started.result.resolve(result);
    const error = await started.run;
    expect(error).toEqual(expected);
    expect(error!.constructor).toBe(expected.constructor);
    if (result.status === 'abandoned') expect(error!.stack).toBe(cause.stack);
  }
});

it('fails for a handler that this release does not have', async () => {
  const { run } = await start('a', 'Renamed.save');
  expect((await run)!.message).toContain('This release has no handler "Renamed.save"');
});

it.each(['finished', 'failed'] as const)(
  'records a stuck handler that has %s after all only if it finished',
  async status => {
    const { run, result } = await start('a');
    await clock.pass(150);
    expect((await run)!.message).toContain('is stuck');
    expect(recorded).toEqual([]);
    result.resolve(status === 'failed' ? { ...ended, status, error: 'no' } : ended);
    await turn();
    expect(recorded).toEqual(status === 'finished' ? ['finish job a', 'revive job a'] : []);
  },
);
