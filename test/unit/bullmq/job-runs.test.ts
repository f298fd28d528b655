import { Logger } from '@nestjs/common';
import { beforeEach, expect, it } from 'vitest';
import { DONE, type EventJob } from '../../../lib/bullmq/event-job.js';
import { JobRuns } from '../../../lib/bullmq/job-runs.js';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import { deferred } from '../../support/deferred.js';
import { LogCollector } from '../../support/logs.js';
import { ManualClock } from '../../support/manual-clock.js';

const MAX_FINISHED = 10_000;
const missing = Object.assign(new Error('Missing key for job a. updateData'), { code: -1 });

let logs: LogCollector;
let runs: JobRuns;
beforeEach(() => {
  logs = new LogCollector();
  Logger.overrideLogger(logs);
  runs = new JobRuns(resolveBullOptions({ connection: {} }, 'q'), new ManualClock());
});

/** A job of a queue that fails as the test says. */
function jobOf(id: string, failure?: { with: Error | undefined }) {
  const kept: unknown[] = [];
  const job = {
    ...{ id, name: `job ${id}`, stalledCounter: 0, attemptsMade: 1, opts: { attempts: 3 } },
    updateData: (data: unknown) => {
      if (failure?.with) return Promise.reject(failure.with);
      kept.push(data);
      return Promise.resolve();
    },
    retries: 0,
    retry: () => {
      job.retries += 1;
      return Promise.resolve();
    },
    finishedOn: undefined as number | undefined,
  };
  return { job: job as unknown as EventJob & { retries: number }, kept, raw: job };
}

const timesRun = async (job: EventJob): Promise<number> => {
  let times = 0;
  await runs.join(job, () => {
    times += 1;
    return Promise.resolve();
  });
  return times;
};

it('lets a job that is handed out again join its run', async () => {
  const { job } = jobOf('a');
  const settled = deferred();
  let times = 0;
  const work = () => {
    times += 1;
    return settled.promise;
  };
  const [first, second] = [runs.join(job, work), runs.join(job, work)];
  expect(runs.isBusy).toBe(true);
  await new Promise(resolve => setImmediate(resolve));
  settled.reject(new Error('failed'));
  for (const each of [first, second]) await expect(each).rejects.toThrow('failed');
  expect(times).toBe(1);
  expect(runs.isBusy).toBe(false);
  expect(await timesRun(job)).toBe(1);
});

it('does not run a job that has finished, until its end is recorded', async () => {
  const { job, kept } = jobOf('a');
  await runs.finish(job);
  expect(kept).toEqual([DONE]);
  expect(await timesRun(job)).toBe(0);
  await runs.onCompleted(job);
  expect(kept).toEqual([DONE]);
  expect(await timesRun(job)).toBe(1);
});

it('removes the payload when the end is recorded, if it could not before', async () => {
  const failure: { with: Error | undefined } = { with: new Error('Connection is closed.') };
  const { job, kept } = jobOf('a', failure);
  await runs.finish(job);
  expect(logs.text).toContain('job a finished, but the queue has not confirmed it yet: Connection');
  failure.with = undefined;
  await runs.onCompleted(job);
  expect(kept).toEqual([DONE]);
});

it('says where a payload stays, and nothing where the job is gone', async () => {
  for (const [id, error, lines] of [
    ['a', new Error('4111'), 1],
    ['b', missing, 0],
  ] as const) {
    const { job } = jobOf(id, { with: error });
    await runs.finish(job);
    await runs.onCompleted(job);
    const said = logs.of('warn').filter(line => line.includes(`job ${id}: the payload stays`));
    expect(said).toHaveLength(lines);
  }
  expect(logs.text).toContain('job b finished, but the queue has lost its job');
  expect(logs.text).not.toContain('4111');
});

it('remembers the latest 10,000 jobs whose end is not recorded, and not all', async () => {
  const jobs = Array.from({ length: 2 * MAX_FINISHED + 1 }, (_, index) => jobOf(`${index}`).job);
  for (const job of jobs) await runs.finish(job);
  expect(await timesRun(jobs.at(-MAX_FINISHED)!)).toBe(0);
  expect(await timesRun(jobs[0]!)).toBe(1);
});

it('revives a dead letter whose handler has finished, and no other', async () => {
  const [done, failed] = [jobOf('done'), jobOf('failed')];
  await runs.finish(done.job);
  await runs.onFailed(done.job, new Error('away'));
  expect(done.job.retries).toBe(0);
  done.raw.finishedOn = failed.raw.finishedOn = 1;
  for (const { job } of [done, failed]) await runs.onFailed(job, new Error('no'));
  expect([done.job.retries, failed.job.retries]).toEqual([1, 0]);
  expect(logs.of('error')).toEqual([
    expect.stringContaining('job failed: job failed is a dead letter: no'),
  ]);
});

it('logs which attempt failed', async () => {
  await runs.onFailed(jobOf('a').job, new Error('no'));
  expect(logs.of('warn')[0]).toContain('job a: attempt 1 of 3 failed');
});
