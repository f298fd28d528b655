import { Cluster, Redis } from 'ioredis';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimOf, endOf } from '../support/claims.js';
import { startRedisCluster, type RedisCluster } from '../support/servers/redis-cluster.js';
import { describeWithOwnRedis } from '../support/servers/redis.js';
import { describeIdempotencyStore } from './idempotency-store.contract.js';

describeWithOwnRedis('on a Redis Cluster of three', () => {
  let cluster: RedisCluster;
  let client: Cluster;
  beforeAll(async () => {
    cluster = await startRedisCluster(3);
    client = new Cluster(cluster.ports.map(port => ({ host: '127.0.0.1', port })));
  });
  afterAll(async () => {
    client.disconnect();
    await cluster.dispose();
  });

  describeIdempotencyStore(
    'RedisIdempotencyStore',
    () => new RedisIdempotencyStore(client, { timeout: 15_000 }),
  );

  it('spreads deliveries over the nodes', async () => {
    const store = new RedisIdempotencyStore(client);
    for (let index = 0; index < 50; index += 1) {
      await endOf(store, await claimOf(store, `spread-${index}`));
    }
    for (const { url } of cluster.nodes) {
      const node = new Redis(url);
      expect(await node.dbsize()).toBeGreaterThan(5);
      node.disconnect();
    }
  });
});
