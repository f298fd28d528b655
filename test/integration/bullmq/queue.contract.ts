import { NestFactory } from '@nestjs/core';
import {
  RevragBullModule,
  type RevragBullModuleOptions,
  type RevragBullOptions,
} from 'nestjs-revrag-webhook/bullmq';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { expect, it } from 'vitest';
import { appModule } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { LogCollector } from '../../support/logs.js';
import { createHandlers, newQueueName, ofCall, SOON, startCalls } from '../../support/queue-app.js';
import type { QueueServer } from '../../support/queue-server.js';
import { SAMPLE } from '../../support/sample.js';
import { deliver } from '../../support/send.js';

/** What holds on whatever the queue is kept in. */
export function describeQueue({ backend, unlock }: QueueServer): void {
  const start = (options: RevragBullOptions & RevragBullModuleOptions = {}) =>
    startCalls({ ...backend(), ...options });

  it('answers 202 and runs each handler once', async () => {
    const { url, calls, queue } = await start();
    expect(await deliver(url, { id: 'evt_1', body: SAMPLE })).toMatchObject({
      status: 202,
      body: { status: 'queued', id: 'evt_1' },
    });
    await eventually(() => calls.runs.length === 2, 'Both handlers');
    for (const { call, delivery } of calls.runs) {
      expect(call.constructor.name).toBe('CallEndedDto');
      expect(call.duration).toBe(72);
      expect(delivery).toMatchObject({ id: 'evt_1', type: 'call.ended', endpoint: 'default' });
      expect(delivery.attempt).toBe(1);
      expect(delivery.headers['content-type']).toBe('application/json');
      expect(delivery.rawBody.equals(SAMPLE)).toBe(true);
      expect(delivery.timestamp.getTime()).toBeGreaterThan(Date.now() - 60_000);
      expect(delivery.signal.aborted).toBe(false);
    }
    expect(await deliver(url, { id: 'evt_2', body: SAMPLE })).toMatchObject({
      status: 200,
      body: { status: 'duplicate' },
    });
    await eventually(async () => (await queue.getCompletedCount()) === 2, 'Both records');
    expect(calls.runs).toHaveLength(2);
  });

  it('logs each run that has finished', async () => {
    const logger = new LogCollector();
    const { url } = await startCalls({ ...backend() }, { logger });
    await deliver(url, { ...ofCall('call_1'), id: 'evt_1' });
    const lines = () => logger.of('log').filter(text => text.includes(': finished in '));
    await eventually(() => lines().length === 2, 'Two lines');
    expect(
      lines()
        .map(line => line.replace(/\d+ ms/, 'N ms'))
        .sort(),
    ).toEqual([
      'bill · call_1 · evt_1 on default: finished in N ms, attempt 1 RevragBullModule',
      'save · call_1 · evt_1 on default: finished in N ms, attempt 1 RevragBullModule',
    ]);
  });

  it('keeps of a finished job that it is done, and the ids in its name', async () => {
    const { url, queue } = await start();
    await deliver(url, { ...ofCall('call_1'), id: 'evt_1' });
    await eventually(async () => (await queue.getCompletedCount()) === 2);
    for (const job of await queue.getJobs('completed')) {
      expect(job.data).toEqual({ v: 1, done: true });
      expect(job.name).toMatch(/^(save|bill) · call_1 · evt_1$/);
      expect(JSON.stringify(job).length).toBeLessThan(500);
    }
  });

  it('runs nothing twice when an event is persisted twice, before and after it is done', async () => {
    const queueName = newQueueName();
    const worker = await start({ queueName });
    // Each has a memory store of its own, as after a crash that came before the claim was recorded.
    const receivers = await Promise.all([1, 2, 3].map(() => start({ queueName, role: 'receive' })));
    await Promise.all(receivers.slice(1).map(({ url }) => deliver(url, { id: 'evt_1' })));
    await eventually(async () => (await worker.queue.getCompletedCount()) === 2);
    expect(await deliver(receivers[0]!.url, { id: 'evt_1' })).toMatchObject({ status: 202 });
    expect(await deliver(receivers[0]!.url, ofCall('evt_2'))).toMatchObject({ status: 202 });
    await eventually(async () => (await worker.queue.getCompletedCount()) === 4);
    expect(worker.calls.runs.map(({ delivery }) => delivery.id).sort()).toEqual([
      ...['evt_1', 'evt_1', 'evt_2', 'evt_2'],
    ]);
    for (const { calls } of receivers) expect(calls.runs).toEqual([]);
  });

  it('retries the handler that fails, and only that one', async () => {
    const { url, calls, queue } = await start();
    calls.failures.bill = 2;
    await deliver(url);
    await eventually(async () => (await queue.getCompletedCount()) === 2);
    expect(calls.of('save').map(({ delivery }) => delivery.attempt)).toEqual([1]);
    expect(calls.of('bill').map(({ delivery }) => delivery.attempt)).toEqual([1, 2, 3]);
  });

  it('takes the largest of events', async () => {
    const { url, calls, queue } = await start();
    const content = 'नमस्ते, I would like to know about the loan. '.repeat(20);
    const messages = Array.from({ length: 4_400 }, (_, index) => ({
      role: index % 2 ? 'user' : 'assistant',
      content: `${index} ${content}`,
    }));
    const body = Buffer.from(JSON.stringify(callEnded({ transcription: { messages } })));
    expect(body.length).toBeGreaterThan(4_500_000);
    expect(body.length).toBeLessThan(5 * 1024 * 1024);
    expect(await deliver(url, { body })).toMatchObject({ status: 202 });
    await eventually(async () => (await queue.getCompletedCount()) === 2);
    expect(calls.runs).toHaveLength(2);
    for (const { call, delivery } of calls.runs) {
      expect(call.transcription?.messages).toHaveLength(4_400);
      expect(delivery.rawBody.equals(body)).toBe(true);
    }
  });

  it('waits for running handlers when it closes, and takes no more jobs', async () => {
    const queueName = newQueueName();
    const worker = await start({ queueName, worker: { ...SOON.worker, concurrency: 2 } });
    const { url, queue } = await start({ queueName, role: 'receive' });
    let open = (): void => undefined;
    worker.calls.gate = new Promise<void>(resolve => (open = resolve));
    await deliver(url, { id: 'evt_1' });
    await eventually(() => worker.calls.runs.length === 2);
    const closed = worker.app.close();
    await deliver(url, ofCall('evt_2'));
    let isClosed = false;
    void closed.then(() => (isClosed = true));
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(isClosed).toBe(false);
    open();
    await closed;
    expect(await queue.getJobCounts('completed', 'wait', 'active')).toEqual({
      ...{ completed: 2, wait: 2, active: 0 },
    });
    expect(worker.calls.runs.every(({ delivery }) => delivery.id === 'evt_1')).toBe(true);
  });

  it('aborts what still runs when closing has waited long enough; another worker runs it again', async () => {
    const queueName = newQueueName();
    const stuck = await start({ queueName, shutdownTimeout: 100 });
    stuck.calls.gate = new Promise(() => undefined);
    await deliver(stuck.url);
    await eventually(() => stuck.calls.runs.length === 2);
    await stuck.app.close();
    for (const { delivery } of stuck.calls.runs) expect(delivery.signal.aborted).toBe(true);
    await unlock();
    const { calls } = await start({ queueName });
    await eventually(() => calls.runs.length === 2, 'The second run');
    expect(calls.runs.map(({ delivery }) => delivery.attempt)).toEqual([2, 2]);
  });

  it('aborts the signal after handlerTimeout, and waits for the handler', async () => {
    const { url, calls, queue } = await start({ handlerTimeout: 50 });
    let open = (): void => undefined;
    calls.gate = new Promise<void>(resolve => (open = resolve));
    await deliver(url);
    await eventually(() => calls.runs.length === 2);
    await eventually(() => calls.runs.every(({ delivery }) => delivery.signal.aborted));
    expect(await queue.getActiveCount()).toBe(2);
    open();
    await eventually(async () => (await queue.getCompletedCount()) === 2);
    expect(calls.runs).toHaveLength(2);
  });

  it('works in a process that has neither endpoint nor secret', async () => {
    const queueName = newQueueName();
    const receiver = await start({ queueName, role: 'receive' });
    const Calls = createHandlers();
    const context = await NestFactory.createApplicationContext(
      appModule({
        imports: [RevragBullModule.forRoot({ ...SOON, ...backend(), queueName, role: 'work' })],
        providers: [Calls],
      }),
      { logger: false, abortOnError: false },
    );
    try {
      await deliver(receiver.url);
      await eventually(() => context.get(Calls).runs.length === 2);
    } finally {
      await context.close();
    }
  });
}
