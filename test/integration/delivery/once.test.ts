import { RevragWebhookService, type Delivery } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';
import { deferred, until } from '../../support/deferred.js';
import { handlerPair } from '../../support/handler-pair.js';
import { genuine } from '../../support/send.js';
import { UnreliableStore } from '../../support/unreliable-store.js';

const fail = () => Promise.reject(new Error('database away'));

describe('a delivery', () => {
  it('that was processed is a duplicate', async () => {
    const { Calls, calls } = handlerPair();
    const { receive } = await startContext([Calls]);
    expect(await receive({ id: 'a' })).toEqual({
      status: 'processed',
      id: 'a',
      handlerIds: ['Calls.one', 'Calls.two'],
    });
    expect(await receive({ id: 'a' })).toEqual({ status: 'duplicate', id: 'a' });
    expect(calls).toEqual(['one', 'two']);
  });

  it('that failed in part runs only the rest when it comes again [pitfall 21]', async () => {
    const { Calls, calls, act } = handlerPair();
    const { receive } = await startContext([Calls]);
    act.two = fail;
    expect(await receive({ id: 'a' })).toEqual({
      status: 'failed',
      id: 'a',
      handlerIds: ['Calls.one', 'Calls.two'],
      unfinished: ['Calls.two'],
    });
    act.two = () => undefined;
    expect(await receive({ id: 'a' })).toEqual({
      status: 'processed',
      id: 'a',
      handlerIds: ['Calls.two'],
    });
    expect(await receive({ id: 'a' })).toEqual({ status: 'duplicate', id: 'a' });
    expect(calls).toEqual(['one', 'two', 'two']);
  });

  it('waits for all handlers, also after one has failed [pitfall 16]', async () => {
    const { Calls, act } = handlerPair();
    const { receive } = await startContext([Calls]);
    const slow = deferred();
    let answered = false;
    act.one = fail;
    act.two = () => slow.promise;
    const outcome = receive().finally(() => (answered = true));
    for (let turn = 0; turn < 50; turn += 1) await new Promise(resolve => setImmediate(resolve));
    expect(answered).toBe(false);
    slow.resolve();
    expect(await outcome).toMatchObject({ status: 'failed', unfinished: ['Calls.one'] });
  });

  it('in progress is not started again', async () => {
    const { Calls, calls, act } = handlerPair();
    const { receive } = await startContext([Calls]);
    const slow = deferred();
    act.one = () => slow.promise;
    const first = receive({ id: 'a' });
    expect(await receive({ id: 'a' })).toEqual({ status: 'in_progress', id: 'a', retryAfter: 1 });
    slow.resolve();
    expect(await first).toMatchObject({ status: 'processed' });
    expect(calls).toEqual(['one', 'two']);
  });

  it('that nothing handles is not stored as completed [pitfall 22]', async () => {
    const store = new UnreliableStore();
    const options = { idempotency: { store } };
    const { body, headers } = genuine();
    const before = await startContext([], options);
    const service = before.app.get(RevragWebhookService);
    const receivedAt = new Date();
    expect(await service.receive(body, headers, { receivedAt })).toMatchObject({
      status: 'ignored',
    });
    expect(store.asked).toEqual([]);

    const { Calls, calls } = handlerPair();
    const after = await startContext([Calls], options);
    await after.app.get(RevragWebhookService).receive(body, headers, { receivedAt });
    expect(calls).toEqual(['one', 'two']);
  });

  it('is handled each time without idempotency', async () => {
    const { Calls, calls } = handlerPair();
    const { receive } = await startContext([Calls], { idempotency: false });
    await receive({ id: 'a' });
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'processed' });
    expect(calls).toEqual(['one', 'two', 'one', 'two']);
  });

  it('is forgotten after retention', async () => {
    const { Calls, calls } = handlerPair();
    const { receive, clock } = await startContext([Calls], { idempotency: { retention: 3600 } });
    await receive({ id: 'a' });
    await clock.pass(3600_000 + 1);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'processed' });
    expect(calls).toHaveLength(4);
  });

  it('sent 1,000 times at once runs each handler once', async () => {
    const { Calls, calls } = handlerPair();
    const { receive } = await startContext([Calls]);
    const outcomes = await Promise.all(Array.from({ length: 1000 }, () => receive({ id: 'a' })));
    expect(calls).toEqual(['one', 'two']);
    expect(outcomes.filter(({ status }) => status === 'processed')).toHaveLength(1);
  });
});

describe('a replay: the same signed bytes under a fresh id', () => {
  it('is a duplicate', async () => {
    const { Calls, calls } = handlerPair();
    const { app, clock } = await startContext([Calls]);
    const service = app.get(RevragWebhookService);
    const { body, headers } = genuine({ id: 'a', timestamp: new Date(clock.now()) });
    await service.receive(body, headers);
    for (let index = 0; index < 100; index += 1) {
      const replay = { ...headers, 'x-webhook-id': `fresh-${index}` };
      expect(await service.receive(body, replay)).toMatchObject({ status: 'duplicate' });
    }
    // Up to the last moment at which its timestamp is tolerated.
    await clock.pass(300_000);
    const last = { ...headers, 'x-webhook-id': 'fresh-last' };
    expect(await service.receive(body, last)).toMatchObject({ status: 'duplicate' });
    expect(calls).toEqual(['one', 'two']);
  });

  it('signed ahead of time is known for as long as it is tolerated', async () => {
    const { Calls, calls } = handlerPair();
    const { app, clock } = await startContext([Calls]);
    const service = app.get(RevragWebhookService);
    const { body, headers } = genuine({ id: 'a', timestamp: new Date(clock.now() + 300_000) });
    await service.receive(body, headers);
    await clock.pass(600_000);
    const replay = { ...headers, 'x-webhook-id': 'b' };
    expect(await service.receive(body, replay)).toMatchObject({ status: 'duplicate' });
    expect(calls).toHaveLength(2);
  });

  it('after a failure is the first delivery again: handlers see the same key and a greater fence', async () => {
    const { Calls, act } = handlerPair();
    const seen: Delivery[] = [];
    act.one = fail;
    act.two = delivery => seen.push(delivery);
    const { app, clock } = await startContext([Calls]);
    const service = app.get(RevragWebhookService);
    const { body, headers } = genuine({ id: 'a', timestamp: new Date(clock.now()) });
    expect(await service.receive(body, headers)).toMatchObject({ status: 'failed' });
    act.one = delivery => seen.push(delivery);
    const replay = { ...headers, 'x-webhook-id': 'b' };
    expect(await service.receive(body, replay)).toMatchObject({ status: 'processed' });
    expect(seen.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(seen[0]!.key).toMatch(/^[\w-]{22}$/);
    expect(seen[1]!.key).toBe(seen[0]!.key);
    expect(seen[1]!.fence).toBeGreaterThan(seen[0]!.fence);
  });

  it('is not confused with another call', async () => {
    const { Calls, calls } = handlerPair();
    const { receive } = await startContext([Calls]);
    await receive({ id: 'a', body: callEnded({ call_id: 'one' }) });
    const other = await receive({ id: 'b', body: callEnded({ call_id: 'two' }) });
    expect(other).toMatchObject({ status: 'processed' });
    expect(calls).toHaveLength(4);
  });
});

describe('a replay through a queue, held against the time it came in', () => {
  it('is known for as long as the delivery', async () => {
    const { Calls, calls } = handlerPair();
    const { app, clock } = await startContext([Calls]);
    const service = app.get(RevragWebhookService);
    const receivedAt = new Date(clock.now());
    const { body, headers } = genuine({ id: 'a', timestamp: receivedAt });
    await clock.pass(3_600_000);
    await service.receive(body, headers, { receivedAt });
    await clock.pass(3_600_000);
    const replay = { ...headers, 'x-webhook-id': 'b' };
    const outcome = await service.receive(body, replay, { receivedAt });
    expect(outcome).toMatchObject({ status: 'duplicate' });
    expect(calls).toHaveLength(2);
  });
});

describe('events$', () => {
  const watch = ({ app }: Awaited<ReturnType<typeof startContext>>) => {
    const seen: string[] = [];
    app.get(RevragWebhookService).events$.subscribe(({ delivery }) => seen.push(delivery.id));
    return seen;
  };

  it('gives what was accepted, once', async () => {
    const { Calls, act } = handlerPair();
    const context = await startContext([Calls]);
    const { receive } = context;
    const seen = watch(context);
    act.one = fail;
    await receive({ id: 'a' });
    expect(seen).toEqual([]);
    act.one = () => undefined;
    await receive({ id: 'a' });
    await receive({ id: 'a' });
    await receive({ id: 'b', type: 'call.started', body: {} });
    await receive({ id: 'c', secret: 'forged' });
    expect(seen).toEqual(['a', 'b']);
  });

  it('gives what was finished late', async () => {
    const { Calls, act } = handlerPair();
    const context = await startContext([Calls], { handlerTimeout: 1_000 });
    const { receive, clock } = context;
    const seen = watch(context);
    const slow = deferred();
    act.one = () => slow.promise;
    const outcome = receive({ id: 'a' });
    await until(() => context.clock.pending > 1);
    await clock.pass(1_000);
    expect(await outcome).toMatchObject({ status: 'failed' });
    slow.resolve();
    await clock.pass(1);
    expect(seen).toEqual(['a']);
  });

  it('gives what nothing handles once', async () => {
    const context = await startContext([]);
    const seen = watch(context);
    await context.receive({ id: 'a' });
    await context.receive({ id: 'a' });
    await context.receive({ id: 'b' });
    expect(seen).toEqual(['a', 'b']);
  });

  it('is not made to miss an event by a replay under another type', async () => {
    const context = await startContext([]);
    const types: string[] = [];
    context.app.get(RevragWebhookService).events$.subscribe(({ type }) => types.push(type));
    await context.receive({ id: 'a', type: 'call.ping' });
    await context.receive({ id: 'a' });
    expect(types).toEqual(['call.ping', 'call.ended']);
  });
});
