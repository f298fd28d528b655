import { Logger } from '@nestjs/common';
import { beforeEach, expect, it } from 'vitest';
import { HandlerStuckError } from '../../../lib/bullmq/handler-stuck.error.js';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import { RunLimits } from '../../../lib/bullmq/run-limits.js';
import type { RevragBullOptions } from '../../../lib/bullmq/revrag-bull.options.js';
import { Delivery } from '../../../lib/core/events/delivery.js';
import { deferred } from '../../support/deferred.js';
import { LogCollector } from '../../support/logs.js';
import { ManualClock } from '../../support/manual-clock.js';
import { verified } from '../../support/verified.js';

const MINUTE = 60_000;

let logs: LogCollector;
beforeEach(() => {
  logs = new LogCollector();
  Logger.overrideLogger(logs);
});

/** A handler that runs, and settles when the test says so. */
function setUp(given: RevragBullOptions) {
  const clock = new ManualClock();
  const reports: string[][] = [];
  const observers = {
    stuckHandlers: (_delivery: Delivery, running: ReadonlyMap<string, unknown>) =>
      reports.push([...running.keys()]),
  };
  const options = resolveBullOptions({ connection: {}, ...given }, 'q');
  const limits = new RunLimits(options, clock, observers as never);
  const delivery = new Delivery(verified('{}'));
  const handling = deferred<string>();
  let end: unknown;
  const settle = (settled: unknown) => (end = settled);
  const run = { name: 'save · call_1', handlerId: 'save', delivery };
  limits.wait(handling.promise, run).then(settle, settle);
  return { clock, delivery, handling, reports, end: () => end };
}

it('aborts the signal after handlerTimeout, and gives up graceTimeout later', async () => {
  const { clock, delivery, reports, end } = setUp({ handlerTimeout: 100, graceTimeout: 50 });
  await clock.pass(99);
  expect(delivery.signal.aborted).toBe(false);
  await clock.pass(1);
  expect(delivery.signal.reason).toEqual(new Error('handlerTimeout of 100 ms has passed'));
  await clock.pass(49);
  expect(end()).toBeUndefined();
  await clock.pass(1);
  expect(end()).toBeInstanceOf(HandlerStuckError);
  expect(reports).toEqual([['save']]);
  expect(logs.of('error')[0]).toContain(
    'save · call_1: stuck, not settled 50 ms after its signal aborted',
  );
});

it.each([50, 120])('settles as the handler does, after %i ms, and reports nothing', async ms => {
  const { clock, handling, reports, end } = setUp({ handlerTimeout: 100, graceTimeout: 50 });
  await clock.pass(ms);
  handling.resolve('done');
  await clock.pass(MINUTE);
  expect(end()).toBe('done');
  expect(reports).toEqual([]);
  expect(clock.pending).toBe(0);
  expect(logs.lines).toEqual([]);
});

it('mentions once a handler without handlerTimeout that runs for five minutes', async () => {
  const { clock, delivery, handling, end } = setUp({});
  await clock.pass(5 * MINUTE - 1);
  expect(logs.lines).toEqual([]);
  await clock.pass(1);
  await clock.pass(60 * MINUTE);
  expect(logs.of('warn')).toEqual([
    expect.stringContaining('save · call_1: still running after 5 minutes. Set handlerTimeout'),
  ]);
  expect(delivery.signal.aborted).toBe(false);
  handling.reject(new Error('no'));
  await clock.pass(0);
  expect(end()).toEqual(new Error('no'));
});

it('says of a job that is stuck whether it is retried', () => {
  const said = (onStuck: 'keep' | 'release') =>
    new HandlerStuckError('save', resolveBullOptions({ connection: {}, onStuck }, 'q'));
  expect(said('release').name).toBe('HandlerStuckError');
  expect(said('release').message).toContain('The job is retried, and may overlap');
  // BullMQ's name for what is not retried.
  expect(said('keep').name).toBe('UnrecoverableError');
  expect(said('keep').message).toContain('It may still be running; retry the job once');
});
