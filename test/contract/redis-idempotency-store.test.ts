import { Redis } from 'ioredis';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, beforeAll } from 'vitest';
import { describeWithRedis, useRedis } from '../support/servers/redis.js';
import { describeIdempotencyStore } from './idempotency-store.contract.js';

describeWithRedis('on one Redis', () => {
  const server = useRedis();
  let client: Redis;
  beforeAll(() => {
    client = new Redis(server.url);
  });
  afterAll(() => client.quit());

  describeIdempotencyStore(
    'RedisIdempotencyStore',
    () => new RedisIdempotencyStore(client, { timeout: 15_000 }),
  );
});
