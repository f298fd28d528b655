import { Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { OnCallEnded, type Delivery } from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';
import { deferred, until, type Deferred } from '../../support/deferred.js';
import { UnreliableStore } from '../../support/unreliable-store.js';

/** A handler that runs until the test lets it end. */
function slowHandler() {
  const runs: (Deferred & { delivery: Delivery })[] = [];
  @Injectable()
  class Calls {
    @OnCallEnded()
    save(_call: unknown, delivery: Delivery) {
      const run = { ...deferred(), delivery };
      runs.push(run);
      return run.promise;
    }
  }
  return { Calls, runs };
}

describe('handlerTimeout', () => {
  const options = { handlerTimeout: 5_000 };

  it('fails the delivery and aborts its signal', async () => {
    const { Calls, runs } = slowHandler();
    const { receive, clock } = await startContext([Calls], options);
    const outcome = receive({ id: 'a' });
    await until(() => runs.length === 1);
    const { signal } = runs[0]!.delivery;
    await clock.pass(4_999);
    expect(signal.aborted).toBe(false);
    await clock.pass(1);
    expect(signal.aborted).toBe(true);
    expect((signal.reason as Error).message).toMatch(/handlerTimeout of 5000 ms/);
    expect(await outcome).toEqual({
      status: 'failed',
      id: 'a',
      handlerIds: ['Calls.save'],
      unfinished: ['Calls.save'],
    });
    runs[0]!.resolve();
  });

  it('leaves the claim with a late handler, and records it when it finishes after all', async () => {
    const { Calls, runs } = slowHandler();
    const { receive, clock } = await startContext([Calls], options);
    const outcome = receive({ id: 'a' });
    await until(() => runs.length === 1);
    await clock.pass(5_000);
    await outcome;
    await clock.pass(120_000);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'in_progress' });
    runs[0]!.resolve();
    await clock.pass(1);
    expect(await receive({ id: 'a' })).toMatchObject({ status: 'duplicate' });
    expect(runs).toHaveLength(1);
  });

  it('lets a late handler that fails run again', async () => {
    const { Calls, runs } = slowHandler();
    const { receive, clock } = await startContext([Calls], options);
    const outcome = receive({ id: 'a' });
    await until(() => runs.length === 1);
    await clock.pass(5_000);
    await outcome;
    runs[0]!.reject(new Error('aborted'));
    await clock.pass(1);
    const second = receive({ id: 'a' });
    await until(() => runs.length === 2);
    runs[1]!.resolve();
    expect(await second).toMatchObject({ status: 'processed' });
    expect(clock.pending).toBe(0);
  });
});

describe('a store that is slow to record', () => {
  it('is not held against handlers that have finished in time', async () => {
    const { Calls, runs } = slowHandler();
    const store = new UnreliableStore();
    const options = { handlerTimeout: 5_000, graceTimeout: 0, idempotency: { store } };
    const { receive, clock, logs } = await startContext([Calls], options);
    const outcome = receive({ id: 'a' });
    await until(() => runs.length === 1);
    await clock.pass(4_900);
    store.broken.add('record').add('end');
    runs[0]!.resolve();
    await clock.pass(1_000);
    expect(await outcome).toMatchObject({ status: 'processed' });
    expect(runs[0]!.delivery.signal.aborted).toBe(false);
    expect(logs.of('error')).toEqual([]);
    store.broken.clear();
    await clock.pass(1_000);
  });
});

describe('closing the app [pitfall 18]', () => {
  it('waits for running handlers before the providers they use are destroyed', async () => {
    const order: string[] = [];
    @Injectable()
    class Database implements OnModuleDestroy {
      onModuleDestroy() {
        order.push('database closed');
      }
    }
    @Module({ providers: [Database], exports: [Database] })
    class DatabaseModule {}
    const end = deferred();
    @Injectable()
    class Calls implements OnModuleDestroy {
      constructor(readonly database: Database) {}
      @OnCallEnded()
      async save() {
        order.push('started');
        await end.promise;
        order.push('finished');
      }
      onModuleDestroy() {
        order.push('handlers closed');
      }
    }
    const { app, receive } = await startContext([Calls], {}, { imports: [DatabaseModule] });
    const outcome = receive();
    await until(() => order.length === 1);
    const closed = app.close();
    for (let turn = 0; turn < 20; turn += 1) await new Promise(resolve => setImmediate(resolve));
    expect(order).toEqual(['started']);
    end.resolve();
    await closed;
    expect(await outcome).toMatchObject({ status: 'processed' });
    expect(order).toEqual(['started', 'finished', 'handlers closed', 'database closed']);
  });

  it('accepts nothing new meanwhile', async () => {
    const { Calls, runs } = slowHandler();
    const { app, receive } = await startContext([Calls]);
    const running = receive({ id: 'a' });
    await until(() => runs.length === 1);
    const closed = app.close();
    await new Promise(resolve => setImmediate(resolve));
    expect(await receive({ id: 'b' })).toMatchObject({
      status: 'refused',
      error: { code: 'shutting_down', retryAfter: 5 },
    });
    runs[0]!.resolve();
    await Promise.all([running, closed]);
    expect(runs).toHaveLength(1);
  });

  it('waits no longer than shutdownTimeout; what is left is aborted and not acknowledged', async () => {
    const { Calls, runs } = slowHandler();
    const { app, receive, clock, logs } = await startContext([Calls], { shutdownTimeout: 3_000 });
    const outcome = receive();
    await until(() => runs.length === 1);
    const closed = app.close();
    await until(() => clock.pending > 1);
    await clock.pass(3_000);
    await closed;
    expect(await outcome).toMatchObject({ status: 'refused', error: { code: 'shutting_down' } });
    expect(runs[0]!.delivery.signal.aborted).toBe(true);
    expect(logs.of('warn').join()).toMatch(
      /Closing although 1 deliveries are still being handled after 3000 ms/,
    );
    runs[0]!.resolve();
  });

  it('starts no handler for a claim that comes after all is closed', async () => {
    const gate = deferred();
    const store = new UnreliableStore();
    const claim = store.claim.bind(store);
    store.claim = async request => {
      await gate.promise;
      return claim(request);
    };
    const { Calls, runs } = slowHandler();
    const options = { idempotency: { store }, shutdownTimeout: 1_000 };
    const { app, receive, clock } = await startContext([Calls], options);
    const outcome = receive();
    await until(() => clock.pending === 0);
    const closed = app.close();
    await until(() => clock.pending > 0);
    await clock.pass(1_000);
    await closed;
    gate.resolve();
    expect(await outcome).toMatchObject({ status: 'refused', error: { code: 'shutting_down' } });
    expect(runs).toHaveLength(0);
    expect(store.asked).toEqual(['claim', 'end']);
  });

  it('logs how long a delivery took, although the clock is set back meanwhile', async () => {
    const { Calls, runs } = slowHandler();
    const { receive, clock, logs } = await startContext([Calls]);
    const outcome = receive();
    await until(() => runs.length > 0);
    clock.set(-3_600_000);
    await clock.pass(20);
    runs[0]!.resolve();
    await outcome;
    expect(logs.of('log').join()).toContain('processed in 20 ms');
  });
});
