import { Injectable } from '@nestjs/common';
import {
  OnRejectedDelivery,
  RevragWebhookModule,
  type RevragPayloadError,
  type VerifiedDelivery,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';
import { deferred, until } from '../../support/deferred.js';
import { UnreliableStore } from '../../support/unreliable-store.js';

const BROKEN = { id: 'a', body: 'no json' };

/** Three methods: for all endpoints, for `default`, and for `other`. */
function keepers() {
  const calls: string[] = [];
  const act: Record<'all' | 'own' | 'other', (...args: unknown[]) => unknown> = {
    all: () => undefined,
    own: () => undefined,
    other: () => undefined,
  };
  @Injectable()
  class Keeper {
    @OnRejectedDelivery()
    all(delivery: VerifiedDelivery, error: RevragPayloadError) {
      calls.push('all');
      return act.all(delivery, error);
    }
    @OnRejectedDelivery({ endpoint: 'default' })
    own(delivery: VerifiedDelivery, error: RevragPayloadError) {
      calls.push('own');
      return act.own(delivery, error);
    }
    @OnRejectedDelivery({ endpoint: 'other' })
    other(delivery: VerifiedDelivery, error: RevragPayloadError) {
      calls.push('other');
      return act.other(delivery, error);
    }
  }
  return { Keeper, calls, act };
}

async function start() {
  const { Keeper, calls, act } = keepers();
  const store = new UnreliableStore();
  const other = RevragWebhookModule.forRoot({ secret: 'other secret', name: 'other', path: 'b' });
  const context = await startContext(
    [Keeper],
    { idempotency: { store, lease: 60 } },
    { imports: [other] },
  );
  return { ...context, store, calls, act };
}

const refused = { status: 'refused', error: { code: 'malformed_json' } };

describe('a rejected delivery', () => {
  it('is offered to the methods of its endpoint only', async () => {
    const { receive, calls, act } = await start();
    const given: unknown[] = [];
    act.all = (...args) => given.push(...args);
    expect(await receive(BROKEN)).toMatchObject(refused);
    expect(given).toMatchObject([{ id: 'a' }, { code: 'malformed_json' }]);
    expect(calls).toEqual(['all', 'own']);
    calls.length = 0;
    const atOther = { id: 'b', body: '[]', secret: 'other secret' };
    expect(await receive(atOther, 'other')).toMatchObject({ status: 'refused' });
    expect(calls).toEqual(['all', 'other']);
  });

  it('is offered again to the method that failed, and to no other', async () => {
    const { receive, calls, act, logs } = await start();
    act.own = () => Promise.reject(new Error('The disk is full'));
    expect(await receive(BROKEN)).toMatchObject(refused);
    expect(logs.of('error').join()).toMatch(/Keeper\.own failed for a rejected delivery/);
    expect(logs.of('error').join()).toMatch(/RevragWebhook$/);
    expect(logs.of('error').join()).toContain('The disk is full');
    act.own = () => undefined;
    expect(await receive(BROKEN)).toMatchObject(refused);
    expect(await receive(BROKEN)).toMatchObject(refused);
    expect(calls).toEqual(['all', 'own', 'own']);
  });

  it('keeps what a method throws out of the log if it is no error', async () => {
    const { receive, act, logs } = await start();
    act.own = () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw 'a transcript';
    };
    await receive(BROKEN);
    expect(logs.of('error').join()).toContain('It threw a value of type string');
    expect(logs.text).not.toContain('a transcript');
  });

  it('is not offered while another request offers it', async () => {
    const { receive, calls, act } = await start();
    const slow = deferred();
    act.all = () => slow.promise;
    const first = receive(BROKEN);
    await until(() => calls.length > 0);
    expect(await receive(BROKEN)).toMatchObject(refused);
    slow.resolve();
    await first;
    expect(calls).toEqual(['all', 'own']);
  });

  it('is answered after five seconds at the latest, and kept claimed by methods that still run', async () => {
    const { receive, calls, act, clock, store } = await start();
    const slow = deferred();
    act.all = () => slow.promise;
    let answered = false;
    const outcome = receive(BROKEN).finally(() => (answered = true));
    await until(() => calls.length > 0);
    await clock.pass(4_999);
    expect(answered).toBe(false);
    await clock.pass(1);
    expect(await outcome).toMatchObject(refused);
    await clock.pass(60_000);
    expect(store.asked.filter(operation => operation === 'renew')).toHaveLength(3);
    slow.resolve();
    await until(() => store.asked.includes('end'));
    await clock.pass(0);
    expect(clock.pending).toBe(0);
  });

  it('holds up shutdown while methods run', async () => {
    const { app, receive, calls, act, clock } = await start();
    const slow = deferred();
    act.all = () => slow.promise;
    const outcome = receive(BROKEN);
    await until(() => calls.length > 0);
    await clock.pass(5_000);
    await outcome;
    let closed = false;
    const closing = app.close().finally(() => (closed = true));
    await clock.pass(1_000);
    expect(closed).toBe(false);
    slow.resolve();
    await closing;
  });

  it('is offered to no method for a claim that comes after all is closed', async () => {
    const { app, receive, calls, clock, store } = await start();
    const gate = deferred();
    const claim = store.claim.bind(store);
    store.claim = async request => {
      await gate.promise;
      return claim(request);
    };
    const outcome = receive(BROKEN);
    await until(() => clock.pending === 0);
    const closing = app.close();
    await until(() => clock.pending > 0);
    await clock.pass(10_000);
    await closing;
    gate.resolve();
    expect(await outcome).toMatchObject({ error: { code: 'shutting_down' } });
    expect(calls).toEqual([]);
    expect(store.asked).toEqual(['claim', 'end']);
  });

  it('is not acknowledged as rejected while the store is away', async () => {
    const { receive, calls, store } = await start();
    store.broken.add('claim');
    expect(await receive(BROKEN)).toMatchObject({ error: { code: 'store_unavailable' } });
    expect(calls).toEqual([]);
  });
});
