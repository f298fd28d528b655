import { Logger } from '@nestjs/common';
import { beforeEach, expect, it } from 'vitest';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import { RevragQueueMonitor } from '../../../lib/bullmq/revrag-queue-monitor.js';
import { LogCollector } from '../../support/logs.js';
import { ManualClock } from '../../support/manual-clock.js';

let logs: LogCollector;
let clock: ManualClock;
let monitor: RevragQueueMonitor;
/** What the queue answers. */
let head: string | undefined;
let isPaused: boolean;
let depths: unknown[];

beforeEach(() => {
  logs = new LogCollector();
  Logger.overrideLogger(logs);
  clock = new ManualClock();
  [head, isPaused, depths] = ['job 1', false, []];
  const queue = {
    name: 'q',
    getJobCounts: () => Promise.resolve({ waiting: 4, delayed: 3, active: 2, failed: 1 }),
    getRanges: () => Promise.resolve(head === undefined ? [] : [head]),
    isPaused: () => Promise.resolve(isPaused),
  };
  const options = resolveBullOptions({ connection: {}, progressTimeout: 10_000 }, 'q');
  const telemetry = { queue: (...given: unknown[]) => depths.push(given) };
  monitor = new RevragQueueMonitor(queue as never, options, clock, telemetry as never);
});

it('counts the seconds for which the same job is the next', async () => {
  expect(await monitor.progress()).toEqual({
    ...{ waiting: 4, delayed: 3, active: 2, deadLetters: 1, standstill: 0, isStuck: false },
  });
  clock.standStill(9_999);
  expect(await monitor.progress()).toMatchObject({ standstill: 9.999, isStuck: false });
  clock.standStill(1);
  expect(await monitor.progress()).toMatchObject({ standstill: 10, isStuck: true });
  expect(depths.at(-1)).toEqual(['q', { waiting: 4, failed: 1, progressAge: 10 }]);
  head = 'job 2';
  expect(await monitor.progress()).toMatchObject({ standstill: 0, isStuck: false });
});

it.each([
  ['nothing waits', () => (head = undefined)],
  ['the queue is paused', () => (isPaused = true)],
])('counts none while %s, and starts again after that', async (_what, change) => {
  await monitor.progress();
  clock.standStill(5_000);
  change();
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await monitor.progress()).toMatchObject({ standstill: 0 });
    clock.standStill(5_000);
  }
  [head, isPaused] = ['job 1', false];
  expect(await monitor.progress()).toMatchObject({ standstill: 0 });
});

it('logs once that workers stopped taking jobs, once that they do, and that they stopped again', async () => {
  const look = async (ms: number) => {
    clock.standStill(ms);
    await monitor.logProgress();
    return logs.lines.length;
  };
  expect(await look(0)).toBe(0);
  expect(await look(10_000)).toBe(1);
  expect(logs.of('warn')[0]).toContain('taken a job for 10 s: 4 wait, 2 are active');
  expect(await look(10_000)).toBe(1);
  head = 'job 2';
  expect(await look(0)).toBe(2);
  expect(logs.of('log')[0]).toContain('Workers take jobs again');
  expect(await look(5_000)).toBe(2);
  expect(await look(5_000)).toBe(3);
});

it('rejects if the queue does not answer for a second', async () => {
  const never = () => new Promise<never>(() => undefined);
  const queue = { getJobCounts: never, getRanges: never, isPaused: never };
  const options = resolveBullOptions({ connection: {} }, 'q');
  const silent = new RevragQueueMonitor(queue as never, options, clock);
  let said = '';
  silent.progress().catch((error: unknown) => (said = String(error)));
  await clock.pass(999);
  expect(said).toBe('');
  await clock.pass(1);
  expect(said).toContain('The queue has not answered within 1000 ms');
});
