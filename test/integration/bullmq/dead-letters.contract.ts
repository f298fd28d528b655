import { Injectable } from '@nestjs/common';
import { UnrecoverableError } from 'bullmq';
import {
  OnCallEnded,
  OnRejectedDelivery,
  RevragWebhookModule,
  type CallEndedDto,
  type Delivery,
  type VerifiedDelivery,
} from 'nestjs-revrag-webhook';
import {
  RevragBullModule,
  RevragDeadLetters,
  type RevragBullModuleOptions,
  type RevragBullOptions,
} from 'nestjs-revrag-webhook/bullmq';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { expect, it } from 'vitest';
import { SECRET, startApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import {
  SOON,
  createHandlers,
  newQueueName,
  ofCall,
  startCalls,
  startQueueApp,
  type QueueBackend,
} from '../../support/queue-app.js';
import { SAMPLE } from '../../support/sample.js';
import { deliver } from '../../support/send.js';

/** What becomes of what fails, on whatever the queue is kept in. */
export function describeDeadLetters(backend: () => QueueBackend): void {
  const start = (options: RevragBullOptions & RevragBullModuleOptions = {}) =>
    startCalls({ ...backend(), ...options });

  it('keeps what failed for good among the dead letters, and runs it again', async () => {
    const { url, calls, deadLetters, queue } = await start();
    calls.failures.bill = 3;
    await deliver(url, { id: 'evt_1', body: SAMPLE });
    await eventually(async () => (await deadLetters.count()) === 1, 'The dead letter');
    const [letter] = await deadLetters.list();
    expect(letter).toMatchObject({
      kind: 'failed',
      handlerId: 'bill',
      deliveryId: 'evt_1',
      endpoint: 'default',
      type: 'call.ended',
      attempts: 3,
      reason: 'bill has failed',
    });
    expect(letter!.timestamp).toEqual(calls.runs[0]!.delivery.timestamp);
    expect(letter!.failedAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
    expect((await letter!.readBody()).equals(SAMPLE)).toBe(true);
    expect(JSON.stringify(letter)).not.toContain('body');
    expect(await deadLetters.get(letter!.id)).toMatchObject({ deliveryId: 'evt_1' });

    calls.failures.bill = 1;
    expect(await deadLetters.retry(letter!.id)).toBe(true);
    expect(await deadLetters.retry('unknown')).toBe(false);
    await eventually(async () => (await queue.getCompletedCount()) === 2);
    expect(calls.of('bill').map(({ delivery }) => delivery.attempt)).toEqual([1, 2, 3, 4, 5]);
    expect(await deadLetters.count()).toBe(0);
    expect(await deadLetters.get(letter!.id)).toBeUndefined();
  });

  it('retries each dead letter once that several want to retry at once', async () => {
    const { url, calls, deadLetters, queue } = await start({ attempts: 1 });
    Object.assign(calls.failures, { save: 100, bill: 100 });
    for (let index = 0; index < 25; index += 1) await deliver(url, ofCall(`evt_${index}`));
    await eventually(async () => (await deadLetters.count()) === 50, 'All dead letters');
    await queue.pause();
    const retrying = [1, 2, 3].map(() => deadLetters.retryAll());
    expect((await Promise.all(retrying)).reduce((sum, count) => sum + count)).toBe(50);
    expect(await deadLetters.count()).toBe(0);
  });

  it('retries all dead letters, or those that a filter names, or removes one', async () => {
    const { url, calls, deadLetters } = await start({ attempts: 1 });
    Object.assign(calls.failures, { save: 100, bill: 100 });
    for (let index = 0; index < 12; index += 1) await deliver(url, ofCall(`evt_${index}`));
    await eventually(async () => (await deadLetters.count()) === 24, 'All dead letters');
    expect(await deadLetters.list({ offset: 20, limit: 10 })).toHaveLength(4);
    for (const page of [{ limit: 0 }, { offset: 2, limit: -1 }, { offset: -3, limit: 10 }]) {
      expect(await deadLetters.list(page)).toEqual([]);
    }

    calls.failures.save = 0;
    expect(await deadLetters.retryAll({ handlerId: 'save' })).toBe(12);
    await eventually(async () => (await deadLetters.count()) === 12);
    const [letter] = await deadLetters.list({ limit: 1 });
    expect(letter!.handlerId).toBe('bill');
    expect(await deadLetters.remove(letter!.id)).toBe(true);
    expect(await deadLetters.remove(letter!.id)).toBe(false);

    // Still failing: each is run once more, not for ever.
    const before = calls.of('bill').length;
    expect(await deadLetters.retryAll({ kind: 'failed' })).toBe(11);
    await eventually(async () => (await deadLetters.count()) === 11);
    expect(calls.of('bill').length).toBe(before + 11);
    expect(await deadLetters.retryAll({ kind: 'rejected' })).toBe(0);
  });

  it('keeps as many dead letters and records as it is told to', async () => {
    const keep = { keepFailed: { count: 2 }, keepCompleted: { count: 3 } };
    const { url, calls, queue } = await start({ attempts: 1, ...keep });
    calls.failures.bill = 6;
    const counts = () => queue.getJobCounts('wait', 'active', 'failed', 'completed');
    const ended = (runs: number) =>
      eventually(async () => {
        const { wait, active } = await counts();
        return calls.runs.length === runs && wait === 0 && active === 0;
      }, `The end of ${runs} runs`);
    for (let index = 0; index < 5; index += 1) await deliver(url, ofCall(`evt_${index}`));
    await ended(10);
    // On PostgreSQL, jobs that end together may each leave one for the next to remove.
    await deliver(url, ofCall('evt_5'));
    await ended(12);
    expect(await counts()).toMatchObject({ failed: 2, completed: 3 });
  });

  it('gives up at once on what a handler says is beyond help', async () => {
    @Injectable()
    class Hopeless {
      @OnCallEnded()
      give() {
        throw new UnrecoverableError('There is no such customer');
      }
    }
    const { url, deadLetters } = await startQueueApp(backend(), { providers: [Hopeless] });
    await deliver(url);
    await eventually(async () => (await deadLetters.count()) === 1);
    expect(await deadLetters.list()).toMatchObject([
      { attempts: 1, reason: 'There is no such customer', handlerId: 'Hopeless.give' },
    ]);
  });

  it('keeps a job whose handler is gone as a dead letter that says so', async () => {
    const queueName = newQueueName();
    const receiver = await start({ queueName, role: 'receive' });
    await deliver(receiver.url);
    @Injectable()
    class Renamed {
      @OnCallEnded({ id: 'keep' })
      keep() {
        return undefined;
      }
    }
    const { deadLetters } = await startQueueApp(
      { ...backend(), queueName },
      { providers: [Renamed] },
    );
    await eventually(async () => (await deadLetters.count()) === 2);
    const letters = await deadLetters.list();
    expect(letters.map(({ handlerId }) => handlerId).sort()).toEqual(['bill', 'save']);
    for (const { reason, handlerId } of letters) {
      expect(reason).toContain(`This release has no handler "${handlerId}"`);
    }
  });

  it('keeps a job whose payload no longer validates as a dead letter that says so', async () => {
    const queueName = newQueueName();
    const receiver = await start({ queueName, role: 'receive' });
    await deliver(receiver.url, { id: 'evt_1' });
    const [job] = await receiver.queue.getJobs('wait');
    const body = Buffer.from(JSON.stringify(callEnded({ call_id: 7 as never })));
    await job!.updateData({ ...job!.data, body: body.toString('base64'), deflated: false });
    const { calls, deadLetters } = await start({ queueName });
    await eventually(async () => (await deadLetters.count()) === 1);
    const [letter] = await deadLetters.list();
    expect(letter).toMatchObject({ attempts: 1 });
    expect(letter!.reason).toMatch(/cannot read the payload: invalid_payload.*call_id: must be/);
    await eventually(() => calls.runs.length === 1);
  });

  it('runs a job whose payload has a field of another type', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Calls {
      @OnCallEnded()
      save(call: CallEndedDto, { violations }: Delivery) {
        seen.push(call.duration, violations.length);
      }
    }
    const { url } = await startQueueApp(backend(), { providers: [Calls] });
    const body = JSON.stringify({ ...callEnded(), duration: 'long' });
    expect(await deliver(url, { id: 'evt_1', body })).toMatchObject({ status: 202 });
    await eventually(() => seen.length > 0);
    expect(seen).toEqual([null, 1]);
  });

  it('keeps a refused delivery once, until it can be read', async () => {
    @Injectable()
    class Rejections {
      readonly ids: string[] = [];
      @OnRejectedDelivery()
      keep({ id }: VerifiedDelivery) {
        this.ids.push(id);
      }
    }
    const Calls = createHandlers();
    const { app, url, queue, deadLetters } = await startQueueApp(backend(), {
      providers: [Calls, Rejections],
    });
    const body = JSON.stringify({ ...callEnded(), call_id: 7 });
    for (const id of ['evt_1', 'evt_1', 'evt_2']) {
      expect(await deliver(url, { id, body })).toMatchObject({
        status: 400,
        body: { code: 'invalid_payload' },
      });
    }
    await eventually(async () => (await deadLetters.count()) === 1, 'The dead letter');
    const [letter] = await deadLetters.list();
    expect(letter).toMatchObject({ kind: 'rejected', deliveryId: 'evt_1', handlerId: undefined });
    expect(letter!.reason).toContain('call_id: ');
    expect((await letter!.readBody()).toString()).toBe(body);
    expect(app.get(Rejections).ids).toEqual(['evt_1']);

    // As if a new release had learnt to read it.
    const job = (await queue.getJob(letter!.id))!;
    const readable = Buffer.from(JSON.stringify(callEnded())).toString('base64');
    await job.updateData({ ...job.data, body: readable, deflated: false });
    expect(await deadLetters.retryAll()).toBe(1);
    await eventually(() => app.get(Calls).runs.length === 2, 'Both handlers');
    expect(await deadLetters.count()).toBe(0);
    // The sender's own new try finds all done.
    expect(
      await deliver(url, { id: 'evt_1', body: Buffer.from(readable, 'base64') }),
    ).toMatchObject({ status: 202 });
    await eventually(async () => (await queue.getWaitingCount()) === 0);
    expect(app.get(Calls).runs).toHaveLength(2);
  });

  it('checks a rejected delivery as strictly in a process without its endpoint', async () => {
    const bull = { ...SOON, ...backend(), queueName: newQueueName() };
    const strict = RevragWebhookModule.forRoot({ secret: SECRET, validation: 'strict' });
    const Calls = createHandlers();
    const { url, app } = await startApp({
      imports: [strict, RevragBullModule.forRoot({ ...bull, role: 'receive' })],
      providers: [Calls],
    });
    const worker = await startApp({
      imports: [RevragBullModule.forRoot({ ...bull, role: 'work' })],
      providers: [Calls],
    });
    const refused = await deliver(url, { body: { ...callEnded(), duration: 'long' } });
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_payload' } });
    const deadLetters = app.get(RevragDeadLetters);
    await eventually(async () => (await deadLetters.count()) === 1, 'The dead letter');
    expect(await deadLetters.list()).toMatchObject([{ kind: 'rejected' }]);
    expect(worker.app.get(Calls).runs).toEqual([]);
  });
}
