import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { describeWithOwnRedis, startRedis, type RedisServer } from '../../support/servers/redis.js';
import { describeRecords } from './records.contract.js';

describeWithOwnRedis('the log of a queue on a Redis that is out of memory', () => {
  let redis: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.url);
  });
  afterAll(async () => {
    client.disconnect();
    await redis.server.dispose();
  });
  describeRecords(() => ({ connection: { url: redis.url } }), {
    refuse: () => client.config('SET', 'maxmemory', '1'),
    allow: () => client.config('SET', 'maxmemory', '0'),
  });
});
