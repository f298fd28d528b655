import { EventEmitter } from 'node:events';
import { Logger } from '@nestjs/common';
import { beforeEach, expect, it } from 'vitest';
import { EventWorker } from '../../../lib/bullmq/event-worker.js';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import type { RevragBullOptions } from '../../../lib/bullmq/revrag-bull.options.js';
import { deferred } from '../../support/deferred.js';
import { LogCollector } from '../../support/logs.js';
import { ManualClock } from '../../support/manual-clock.js';

let logs: LogCollector;
beforeEach(() => {
  logs = new LogCollector();
  Logger.overrideLogger(logs);
});

/** A worker of BullMQ that closes when the test says so, and a processor that notes what it is asked. */
function setUp(given: RevragBullOptions = {}) {
  const clock = new ManualClock();
  const calls: string[] = [];
  const closed = deferred();
  const bull = Object.assign(new EventEmitter(), {
    run: () => Promise.reject(new Error('Command timed out')),
    close: (force: boolean) => {
      calls.push(force ? 'close at once' : 'close');
      return closed.promise;
    },
    disconnect: () => Promise.resolve(calls.push('disconnect')),
  });
  const queue = { isPaused: (): Promise<boolean> => Promise.resolve(false) };
  const processor = {
    isBusy: true,
    abort: (reason: string, id = 'all') => calls.push(`abort ${id}: ${reason}`),
    onCompleted: ({ id }: { id: string }) => Promise.resolve(calls.push(`completed ${id}`)),
    onFailed: ({ id }: { id: string }) => Promise.resolve(calls.push(`failed ${id}`)),
  };
  const connector = {
    worker: () => bull,
    check: () => Promise.resolve(calls.push('check')),
  };
  const options = resolveBullOptions({ connection: {}, shutdownTimeout: 5_000, ...given }, 'q');
  const worker = new EventWorker(
    connector as never,
    processor as never,
    queue as never,
    options,
    clock,
  );
  return { clock, calls, closed, bull, queue, processor, worker };
}

/** Whether it has settled, by now. */
function watch(promise: Promise<unknown>) {
  let isSettled = false;
  const settle = () => (isSettled = true);
  promise.then(settle, settle);
  return () => isSettled;
}

it('passes on what became of each job', async () => {
  const { bull, calls, worker } = setUp();
  await worker.prepare();
  bull.emit('completed', { id: 'a' });
  bull.emit('failed', { id: 'b' }, new Error('no'));
  bull.emit('failed', undefined, new Error('a job that is gone'));
  bull.emit('lockRenewalFailed', ['c', 'd']);
  expect(calls).toEqual([
    'check',
    'completed a',
    'failed b',
    'abort c: The lock on the job was lost',
    'abort d: The lock on the job was lost',
  ]);
});

it('logs why it takes no jobs', async () => {
  const { worker } = setUp();
  await worker.prepare();
  worker.takeJobs();
  await new Promise(resolve => setImmediate(resolve));
  expect(logs.of('error')[0]).toContain('Error of the worker: Command timed out');
});

it('is none where a process only receives', async () => {
  const { calls, worker } = setUp({ role: 'receive' });
  await worker.prepare();
  worker.takeJobs();
  await worker.stop();
  await worker.disconnect();
  expect(calls).toEqual([]);
});

it('waits when it stops for what runs, then aborts it and says so', async () => {
  const { clock, calls, worker } = setUp();
  await worker.prepare();
  const isStopped = watch(worker.stop());
  await clock.pass(4_999);
  expect(calls).toEqual(['check', 'close']);
  expect(isStopped()).toBe(false);
  await clock.pass(1);
  expect(calls).toContain('abort all: The app is closing');
  await clock.pass(60_000);
  expect(isStopped()).toBe(true);
  expect(logs.of('warn')[0]).toContain('handlers still running after 5000 ms');
});

it('stops as soon as BullMQ has closed it, and warns of nothing', async () => {
  const { clock, closed, worker } = setUp();
  await worker.prepare();
  const isStopped = watch(worker.stop());
  await clock.pass(1_000);
  closed.resolve();
  await clock.pass(0);
  expect(isStopped()).toBe(true);
  expect(logs.lines).toEqual([]);
});

it('does not wait for a connection once nothing runs', async () => {
  const { clock, processor, worker } = setUp();
  await worker.prepare();
  processor.isBusy = false;
  const isStopped = watch(worker.stop());
  await clock.pass(1_999);
  expect(isStopped()).toBe(false);
  await clock.pass(1);
  expect(isStopped()).toBe(true);
  expect(logs.lines).toEqual([]);
});

it.each([
  ['is away', () => Promise.reject(new Error('away'))],
  ['does not answer for a second', () => new Promise<never>(() => undefined)],
])('closes at once if the queue %s', async (_what, answer) => {
  const { clock, calls, queue, worker } = setUp();
  await worker.prepare();
  queue.isPaused = answer;
  void worker.stop();
  await clock.pass(1_000);
  expect(calls).toEqual(['check', 'close at once']);
});
