import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import {
  CallEndedDto,
  Delivery,
  OnCallEnded,
  RevragObserver,
  RevragPermanentError,
  type StuckHandlers,
} from 'nestjs-revrag-webhook';
import { RevragQueueMonitor, type RevragBullOptions } from 'nestjs-revrag-webhook/bullmq';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { until } from '../../support/claims.js';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { LogCollector } from '../../support/logs.js';
import { newQueueName, ofCall, SOON, startCalls, startQueueApp } from '../../support/queue-app.js';
import type { QueueServer } from '../../support/queue-server.js';
import { deliver } from '../../support/send.js';

const ONE_AT_A_TIME = { worker: { ...SOON.worker, concurrency: 1 } };

/** One handler, which does what a test says. */
function createHandler() {
  @Injectable()
  class Single {
    readonly runs: Delivery[] = [];
    work: (call: CallEndedDto, delivery: Delivery) => unknown = () => undefined;

    @OnCallEnded({ id: 'single' })
    handle(call: CallEndedDto, delivery: Delivery) {
      this.runs.push(delivery);
      return this.work(call, delivery);
    }
  }
  return Single;
}

@Injectable()
class StuckReports extends RevragObserver {
  readonly reports: StuckHandlers[] = [];
  override onStuckHandlers(stuck: StuckHandlers) {
    this.reports.push(stuck);
  }
}

/** How often a handler runs for a job, whatever happens to the job. */
export function describeRuns({ backend, clear, unlock }: QueueServer): void {
  const start = async (options: RevragBullOptions = {}) => {
    const Single = createHandler();
    const logger = new LogCollector();
    const started = await startQueueApp(
      { ...backend(), ...options },
      { providers: [Single, StuckReports] },
      { logger },
    );
    return { ...started, logger, single: started.app.get(Single) };
  };

  it('does not run a handler again whose job lost its lock, while it runs or after [pitfall 42]', async () => {
    const { url, single, queue } = await start({
      worker: { ...SOON.worker, lockRenewTime: 100, maxStalledCount: 1_000 },
    });
    const settled = deferred();
    single.work = () => settled.promise;
    await deliver(url, { id: 'evt_1' });
    await eventually(() => single.runs.length === 1);
    // The worker may get the job again before it tries to renew the lock, and then holds it again.
    await eventually(async () => {
      await unlock();
      return single.runs[0]!.signal.aborted;
    }, 'The abort');
    const starts = async () => {
      const [job] = (await queue.getJobs(['active'])) as Job[];
      return job?.attemptsStarted;
    };
    await eventually(async () => Number(await starts()) >= 2, 'The job given out again');
    settled.resolve();
    await eventually(async () => (await queue.getCompletedCount()) === 1, 'The end');
    expect(single.runs).toHaveLength(1);
  });

  it('gives the slot back at once when the queue has lost the job', async () => {
    const { url, single, logger } = await start(ONE_AT_A_TIME);
    const settled = deferred();
    single.work = () => settled.promise;
    await deliver(url, ofCall('call_1'));
    await eventually(() => single.runs.length === 1);
    await clear();
    settled.resolve();
    const since = Date.now();
    await deliver(url, ofCall('call_2'));
    await eventually(() => single.runs.length === 2, 'The next job');
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(logger.text).toContain('finished, but the queue has lost its job');
  });

  it('keeps the job of a handler that is stuck as a dead letter, and records its late end', async () => {
    const limits = { handlerTimeout: 50, graceTimeout: 50, attempts: 5 };
    const { app, url, single, queue, deadLetters, logger } = await start({
      ...ONE_AT_A_TIME,
      ...limits,
    });
    const stuck = deferred();
    single.work = ({ call_id }) => (call_id === 'call_1' ? stuck.promise : undefined);
    await deliver(url, ofCall('call_1'));
    await deliver(url, ofCall('call_2'));
    await eventually(() => single.runs.length === 2, 'The slot for the next job');
    await eventually(async () => (await deadLetters.count()) === 1, 'The dead letter');
    const [letter] = await deadLetters.list();
    expect(letter).toMatchObject({ attempts: 1, handlerId: 'single' });
    expect(letter!.reason).toContain('stuck: it has not settled 50 ms after its signal aborted');
    expect(single.runs[0]!.signal.aborted).toBe(true);
    expect(app.get(StuckReports).reports).toMatchObject([
      { endpoint: 'default', type: 'call.ended', handlerIds: ['single'] },
    ]);
    stuck.resolve();
    await eventually(async () => (await queue.getCompletedCount()) === 2, 'Both ends');
    expect(await deadLetters.count()).toBe(0);
    expect(single.runs).toHaveLength(2);
    expect(logger.text).toContain('the handler that was stuck has finished');
  });

  it("runs the job of a handler that is stuck again with onStuck: 'release'", async () => {
    const limits = { handlerTimeout: 50, graceTimeout: 50, onStuck: 'release' as const };
    const { url, single, queue } = await start({ ...ONE_AT_A_TIME, ...limits });
    single.work = () => (single.runs.length === 1 ? new Promise(() => undefined) : undefined);
    await deliver(url);
    await eventually(async () => (await queue.getCompletedCount()) === 1, 'The end');
    expect(single.runs.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  it('makes a dead letter at once of what a handler gives up', async () => {
    const { url, single, deadLetters } = await start();
    single.work = () => {
      throw new RevragPermanentError('The customer was deleted');
    };
    await deliver(url);
    await eventually(async () => (await deadLetters.count()) === 1, 'The dead letter');
    expect(await deadLetters.list()).toMatchObject([
      { attempts: 1, reason: 'The customer was deleted' },
    ]);
  });

  it('makes one of variables that do not fit, whose reason has no key and no value of the payload', async () => {
    @Injectable()
    class Scores {
      runs = 0;

      @OnCallEnded({ variables: z.record(z.string(), z.number()) })
      save() {
        this.runs += 1;
      }
    }
    const logger = new LogCollector();
    const { url, deadLetters, app } = await startQueueApp(
      backend(),
      { providers: [Scores] },
      { logger },
    );
    const custom_variables = [{ key: '919876543210', value: 'my PIN is 4711' }];
    await deliver(url, { body: callEnded({ custom_variables }) });
    await eventually(async () => (await deadLetters.count()) === 1, 'The dead letter');
    const [letter] = await deadLetters.list();
    expect(letter!.reason).toContain('do not fit the zod schema: * (invalid_type)');
    expect(app.get(Scores).runs).toBe(0);
    for (const text of ['919876543210', '4711']) {
      expect(JSON.stringify(letter)).not.toContain(text);
      expect(logger.text).not.toContain(text);
    }
  });

  it('gives each run a greater fence, also after a dead letter is retried', async () => {
    const { url, single, deadLetters } = await start({ attempts: 2, ...ONE_AT_A_TIME });
    single.work = () => {
      throw new Error('not yet');
    };
    await deliver(url, { id: 'evt_1' });
    await eventually(async () => (await deadLetters.count()) === 1, 'The dead letter');
    const [letter] = await deadLetters.list();
    await deadLetters.retry(letter!.id);
    await eventually(() => single.runs.length === 4, 'Four runs');
    const { key } = single.runs[0]!;
    expect(key).toMatch(/^[\w-]{22}$/);
    const fences = single.runs.map(({ fence }) => fence);
    expect([...new Set(fences)].sort((a, b) => a - b)).toEqual(fences);
    for (const run of single.runs) expect(run.key).toBe(key);
  });

  it('names jobs by handler, call and delivery', async () => {
    const { url, queue } = await start({ role: 'receive' });
    await deliver(url, { ...ofCall('call_1'), id: 'evt_1' });
    await eventually(async () => (await queue.getWaitingCount()) === 1);
    const [job] = await queue.getJobs('wait');
    expect(job!.name).toBe('single · call_1 · evt_1');
    expect(job!.data).toMatchObject({ handler: 'single', id: 'evt_1' });
  });

  it('tells that no worker takes jobs, and when one does', async () => {
    const queueName = newQueueName();
    const logger = new LogCollector();
    const options = { ...backend(), queueName, progressTimeout: 400 };
    const receiver = await startCalls({ ...options, role: 'receive' }, { logger });
    const monitor = receiver.app.get(RevragQueueMonitor);
    // A busy machine may take more than a second to answer.
    const progress = () => until(() => monitor.progress());
    expect(await progress()).toMatchObject({ waiting: 0, standstill: 0, isStuck: false });
    await deliver(receiver.url);
    await eventually(() => logger.of('warn').some(line => line.includes('No worker has taken')));
    expect(await progress()).toMatchObject({ waiting: 2, active: 0, isStuck: true });
    const { calls } = await startCalls(options, { logger });
    await eventually(() => calls.runs.length === 2);
    await eventually(() => logger.of('log').some(line => line.includes('Workers take jobs again')));
    expect(await progress()).toMatchObject({ waiting: 0, isStuck: false });
  });
}
