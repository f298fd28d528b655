import { Logger } from '@nestjs/common';
import { beforeEach, expect, it } from 'vitest';
import { DONE, type EventJob } from '../../../lib/bullmq/event-job.js';
import { JobProcessor } from '../../../lib/bullmq/job-processor.js';
import { JobRuns } from '../../../lib/bullmq/job-runs.js';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import { LogCollector } from '../../support/logs.js';
import { ManualClock } from '../../support/manual-clock.js';

let logs: LogCollector;
let calls: string[];
let clock: ManualClock;
let processor: JobProcessor;

beforeEach(() => {
  logs = new LogCollector();
  Logger.overrideLogger(logs);
  calls = [];
  clock = new ManualClock();
  const handlers = {
    run: (_job: unknown, { handler }: { handler: string }) => {
      calls.push(`handler ${handler}`);
      clock.standStill(1_234);
      return handler === 'failing' ? Promise.reject(new Error('no')) : Promise.resolve();
    },
  };
  const rejected = { run: () => Promise.resolve(calls.push('rejected')) };
  const runs = new JobRuns(resolveBullOptions({ connection: {} }, 'q'), clock);
  processor = new JobProcessor(handlers as never, rejected as never, runs, clock);
});

const process = (data: object) => {
  const updateData = (kept: unknown) => Promise.resolve(calls.push(`keep ${JSON.stringify(kept)}`));
  const job = { id: 'a', name: 'save · call_1', attemptsStarted: 2, stalledCounter: 0, updateData };
  return processor.process({ ...job, data } as unknown as EventJob);
};
const KEPT = `keep ${JSON.stringify(DONE)}`;

it('runs a handler, removes the payload, and logs how long it took', async () => {
  await process({ v: 1, handler: 'save', endpoint: 'default' });
  expect(calls).toEqual(['handler save', KEPT]);
  expect(logs.of('log')[0]).toContain('save · call_1 on default: finished in 1234 ms, attempt 2');
});

it('keeps the payload of a handler that fails, and logs no end', async () => {
  await expect(process({ v: 1, handler: 'failing' })).rejects.toThrow('no');
  expect(calls).toEqual(['handler failing']);
  expect(logs.lines).toEqual([]);
});

it('reads a refused delivery again', async () => {
  await process({ v: 1, rejected: true });
  expect(calls).toEqual(['rejected', KEPT]);
});

it('does nothing for a job that is done', async () => {
  await process(DONE);
  expect(calls).toEqual([]);
});

it.each([0, 2, '1', undefined])('fails for a job of version %s', async v => {
  await expect(process({ v, handler: 'save' })).rejects.toThrow('A newer release wrote the job');
  expect(calls).toEqual([]);
});
