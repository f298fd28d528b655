import { Injectable } from '@nestjs/common';
import { OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { deferred, until } from '../support/deferred.js';
import { isMutated } from '../support/mutants.js';
import { PATH, deliver, genuine, post } from '../support/send.js';
import { UnreliableStore } from '../support/unreliable-store.js';

@Injectable()
class Calls {
  act: () => unknown = () => undefined;
  calls = 0;

  @OnCallEnded()
  save() {
    this.calls += 1;
    return this.act();
  }
}

async function start() {
  const store = new UnreliableStore();
  const imports = [RevragWebhookModule.forRoot({ secret: SECRET, idempotency: { store } })];
  const { app, url } = await startApp({ imports, providers: [Calls] });
  return { app, url, store, handler: app.get(Calls) };
}

describe('what a sender gets', () => {
  it('200 processed, then 200 duplicate [pitfall 12]', async () => {
    const { url } = await start();
    const first = await deliver(url, { id: 'evt_1' });
    expect(first).toMatchObject({ status: 200, body: { status: 'processed', id: 'evt_1' } });
    expect(Object.keys(first.body)).toEqual(['status', 'id']);
    expect(first.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const again = await deliver(url, { id: 'evt_1' });
    expect(again).toMatchObject({ status: 200, body: { status: 'duplicate', id: 'evt_1' } });
  });

  it('200 ignored for a type that nothing handles [pitfall 12]', async () => {
    const { url } = await start();
    const reply = await deliver(url, { id: 'evt_1', type: 'call.started', body: '{}' });
    expect(reply).toMatchObject({ status: 200, body: { status: 'ignored', id: 'evt_1' } });
  });

  it('400 with where and what, but no values [pitfall 25]', async () => {
    const { url } = await start();
    const invalid = await deliver(url, {
      body: callEnded({ call_id: ['my PIN is 4711'] as never }),
    });
    expect(invalid).toMatchObject({
      status: 400,
      body: {
        statusCode: 400,
        code: 'invalid_payload',
        violations: [{ path: 'call_id', message: 'must be a non-empty string' }],
      },
    });
    const malformed = await deliver(url, { body: '{"summary":"my PIN is 4711"' });
    expect(malformed).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
    expect(JSON.stringify([invalid.body, malformed.body])).not.toContain('4711');
  });

  it('401 for what is not authentic, whatever is wrong with the body [pitfall 11]', async () => {
    const { url, handler } = await start();
    const { body, headers } = genuine();
    const without = Object.fromEntries(
      Object.entries(headers).filter(([name]) => name !== 'x-webhook-signature'),
    );
    const replies = await Promise.all([
      post(url + PATH, { body, headers: without }),
      post(url + PATH, { body, headers: { ...headers, 'x-webhook-signature': 'junk' } }),
      deliver(url, { timestamp: Date.now() / 1000 - 301 }),
      deliver(url, { secret: 'another' }),
      post(url + PATH, { headers, body: '{"my PIN is 4711' }),
    ]);
    expect(replies.map(({ status, body: { code } }) => `${status} ${String(code)}`)).toEqual([
      '401 missing_header',
      '401 malformed_header',
      '401 timestamp_out_of_tolerance',
      '401 signature_mismatch',
      '401 signature_mismatch',
    ]);
    expect(JSON.stringify(replies)).not.toContain('4711');
    expect(JSON.stringify(replies)).not.toContain(SECRET);
    expect(handler.calls).toBe(0);
  });

  it('409 with Retry-After while the delivery is in progress', async () => {
    const { url, handler } = await start();
    const slow = deferred();
    handler.act = () => slow.promise;
    const first = deliver(url, { id: 'evt_1' });
    await until(() => handler.calls === 1);
    const second = await deliver(url, { id: 'evt_1' });
    expect(second).toMatchObject({ status: 409, body: { statusCode: 409, code: 'in_progress' } });
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    slow.resolve();
    expect(await first).toMatchObject({ status: 200 });
  });

  it('500 when a handler failed, with nothing of its error', async () => {
    const { url, handler } = await start();
    handler.act = () => {
      throw new Error('duplicate key value (4711)');
    };
    const reply = await deliver(url);
    expect(reply).toMatchObject({ status: 500, body: { statusCode: 500, code: 'handler_failed' } });
    expect(JSON.stringify(reply.body)).not.toMatch(/4711|at .*\.ts/);
  });

  it('503 with Retry-After when the store is away', async () => {
    const { url, store } = await start();
    store.breakAll();
    const reply = await deliver(url);
    expect(reply).toMatchObject({
      status: 503,
      body: { statusCode: 503, code: 'store_unavailable' },
    });
    expect(reply.headers.get('retry-after')).toBe('5');
    expect(JSON.stringify(reply.body)).not.toContain('store away');
  });

  it('503 with Retry-After while the app shuts down', async () => {
    const { app, url, handler } = await start();
    const slow = deferred();
    handler.act = () => slow.promise;
    const running = deliver(url);
    await until(() => handler.calls === 1);
    const closed = app.close();
    await new Promise(resolve => setImmediate(resolve));
    const reply = await deliver(url);
    expect(reply).toMatchObject({ status: 503, body: { code: 'shutting_down' } });
    expect(reply.headers.get('retry-after')).toBe('5');
    slow.resolve();
    expect(await running).toMatchObject({ status: 200 });
    await closed;
  });

  it('404 for other methods: there is nothing to get', async () => {
    const { url } = await start();
    expect((await fetch(url + PATH)).status).toBe(404);
  });
});

describe('1,000 copies at once', () => {
  it.skipIf(isMutated)('run the handler once', async () => {
    const { url, handler } = await start();
    const replies = await Promise.all(
      Array.from({ length: 1000 }, () => deliver(url, { id: 'evt_1' })),
    );
    expect(handler.calls).toBe(1);
    expect(replies.filter(({ body }) => body.status === 'processed')).toHaveLength(1);
    expect(replies.every(({ status }) => status === 200 || status === 409)).toBe(true);
  });
});
