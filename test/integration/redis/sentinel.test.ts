import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimOf, endOf, requestOf, until } from '../../support/claims.js';
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
});
