import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimOf, endOf, requestOf, until } from '../../support/claims.js';
import { eventually } from '../../support/eventually.js';
import { startFreezingProxy } from '../../support/freezing-proxy.js';
import { ofCall, startCalls } from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';
import {
  SENTINEL_NAME,
  startRedisSentinel,
  type RedisSentinel,
} from '../../support/servers/redis-sentinel.js';
import { describeWithOwnRedis } from '../../support/servers/redis.js';

describeWithOwnRedis('A primary that a Sentinel replaces', () => {
  let sentinel: RedisSentinel;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    sentinel = await startRedisSentinel();
  });
  afterAll(() => sentinel.dispose());

  it('is left for the new one, with what was remembered before', async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on('warning', onWarning);
    // As docs/stores.md shows it.
    const client = new Redis({
      sentinels: [{ host: '127.0.0.1', port: sentinel.port }],
      name: SENTINEL_NAME,
      sentinelCommandTimeout: 5_000,
      failoverDetector: true,
    });
    client.on('error', () => undefined);
    const store = new RedisIdempotencyStore(client);
    for (let index = 0; index < 20; index += 1) {
      await endOf(store, await claimOf(store, `before-${index}`));
    }
    // Both know it.
    await client.wait(1, 10_000);
    const failedOver = sentinel.failOver();
    // Deliveries go on meanwhile; each is answered or refused.
    let isOver = false;
    const traffic = (async () => {
      for (let index = 0; !isOver; index += 1) {
        await store.claim(requestOf(`during-${index}`)).catch(() => undefined);
        await new Promise(resolve => setImmediate(resolve));
      }
    })();
    await failedOver;
    await until(
      () => store.claim(requestOf(`after-${Math.random()}`)),
      ({ status }) => status === 'claimed',
    );
    isOver = true;
    await traffic;
    for (let index = 0; index < 20; index += 1) {
      const { status } = await until(() => store.claim(requestOf(`before-${index}`)));
      expect(status).toBe('completed');
    }
    expect(warnings).toEqual([]);
    process.off('warning', onWarning);
    client.disconnect();
  });

  it('is found once its Sentinel, which had fallen silent, answers again [pitfall 41]', async () => {
    const proxy = await startFreezingProxy(sentinel.port);
    proxy.freeze();
    const options = {
      sentinels: [{ host: '127.0.0.1', port: proxy.port }],
      name: SENTINEL_NAME,
      lazyConnect: true,
    };
    const endless = new Redis(options);
    expect(() => new RedisIdempotencyStore(endless)).toThrow('needs sentinelCommandTimeout');
    const client = new Redis({ ...options, sentinelCommandTimeout: 100 });
    client.on('error', () => undefined);
    const store = new RedisIdempotencyStore(client, { timeout: 200 });
    await expect(store.claim(requestOf('silent'))).rejects.toThrow('Redis');
    // What was asked before stays without an answer.
    proxy.thawNew();
    await until(
      () => store.claim(requestOf('silent')),
      ({ status }) => status === 'claimed',
    );
    client.disconnect();
    endless.disconnect();
    proxy.close();
  });

  it('is found by a queue where a Sentinel was silent at boot [pitfall 41]', async () => {
    const proxy = await startFreezingProxy(sentinel.port);
    proxy.freeze();
    const connection = {
      sentinels: [{ host: '127.0.0.1', port: proxy.port }],
      name: SENTINEL_NAME,
      connectTimeout: 500,
    };
    const { url, calls } = await startCalls({ connection });
    expect((await deliver(url, ofCall('before'))).status).toBe(503);
    proxy.thawNew();
    await eventually(async () => (await deliver(url, ofCall('after'))).status === 202, 'A 202');
    await eventually(() => calls.of('save').some(({ call }) => call.call_id === 'after'));
    proxy.close();
  });
});
