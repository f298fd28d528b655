import { Injectable } from '@nestjs/common';
import { OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { until } from '../support/claims.js';
import { deliver } from '../support/send.js';
import { describeWithOwnRedis, startRedis, type RedisServer } from '../support/servers/redis.js';

/** The same bytes signed within one second are the same delivery. */
const bodyOf = (id: string): string => JSON.stringify(callEnded({ call_id: id }));

describeWithOwnRedis('an app that keeps its claims in Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  });
  afterAll(() => redis.server.dispose());

  it('acknowledges nothing while Redis is away, and works on when it is back', async () => {
    let handled = 0;
    @Injectable()
    class Calls {
      @OnCallEnded()
      count(): void {
        handled += 1;
      }
    }
    const store = new RedisIdempotencyStore(redis.url, { timeout: 300 });
    const { url } = await startApp({
      imports: [RevragWebhookModule.forRoot({ secret: SECRET, idempotency: { store } })],
      providers: [Calls],
    });
    expect(await deliver(url, { id: 'evt_1', body: bodyOf('evt_1') })).toMatchObject({
      body: { status: 'processed' },
    });
    await redis.server.stop();
    for (const id of ['evt_1', 'evt_2']) {
      const reply = await deliver(url, { id, body: bodyOf(id) });
      expect(reply).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(handled).toBe(1);
    await redis.server.start();
    const answers = await until(
      () => Promise.all(['evt_1', 'evt_3'].map(id => deliver(url, { id, body: bodyOf(id) }))),
      replies => replies.every(({ status }) => status === 200),
    );
    expect(answers[0]!.body.status).toBe('duplicate');
    expect(handled).toBe(2);
  });
});
