import { Logger } from '@nestjs/common';
import { Cluster, Redis } from 'ioredis';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Silence } from '../../../lib/redis/silence.js';
import { RedisConnection } from '../../../lib/redis/redis-connection.js';
import { RedisScript } from '../../../lib/redis/redis-script.js';
import { claimInTheEnd, claimOf, requestOf, until } from '../../support/claims.js';
import { startFreezingProxy, type FreezingProxy } from '../../support/freezing-proxy.js';
import { ManualClock } from '../../support/manual-clock.js';
import { startRedisCluster, type RedisCluster } from '../../support/servers/redis-cluster.js';
import { describeWithOwnRedis, startRedis, type RedisServer } from '../../support/servers/redis.js';

describe('Silence [pitfall 41]', () => {
  const never = new Promise<never>(() => undefined);

  it('is told of once nothing has been heard for the time, and again after as long', async () => {
    const clock = new ManualClock();
    let told = 0;
    const silence = new Silence(clock, 100, () => (told += 1));
    void silence.during(never);
    await clock.pass(100);
    expect(told).toBe(0);
    await clock.pass(50);
    expect(told).toBe(1);
    await clock.pass(150);
    expect(told).toBe(2);
  });

  it('is none while anything is answered, or nothing asked', async () => {
    const clock = new ManualClock();
    let told = 0;
    const silence = new Silence(clock, 100, () => (told += 1));
    await silence.during(Promise.resolve());
    await clock.pass(1_000);
    expect(clock.pending).toBe(0);
    void silence.during(never);
    for (let turn = 0; turn < 20; turn += 1) {
      await clock.pass(90);
      await silence.during(Promise.reject(new Error('READONLY'))).catch(() => undefined);
    }
    expect(told).toBe(0);
  });
});

describeWithOwnRedis('A network that drops everything', () => {
  let redis: RedisServer;
  let proxy: FreezingProxy;
  const TIMEOUT = 100;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await startRedis();
  });
  afterAll(() => redis.server.dispose());
  beforeEach(async () => {
    proxy = await startFreezingProxy(redis.port);
  });
  afterEach(() => proxy.close());

  /** Connections from before the silence stay dead, as behind a NAT that has forgotten them. */
  async function expectToComeBack(store: RedisIdempotencyStore): Promise<void> {
    await claimInTheEnd(store, `before-${Math.random()}`);
    proxy.freeze();
    const asked = Array.from({ length: 100 }, (_, index) => store.claim(requestOf(`${index}`)));
    for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
    proxy.thawNew();
    await claimInTheEnd(store, `after-${Math.random()}`);
  }

  it('is survived by a store made from a URL', async () => {
    const url = `redis://127.0.0.1:${proxy.port}`;
    const store = new RedisIdempotencyStore(url, { timeout: TIMEOUT });
    await expectToComeBack(store);
    await store.close();
  });

  it('is survived by a client of the caller, made without any option', async () => {
    const client = new Redis(proxy.port);
    client.on('error', () => undefined);
    await expectToComeBack(new RedisIdempotencyStore(client, { timeout: TIMEOUT }));
    client.disconnect();
  });

  it('is survived by a client that waits for its first answer', async () => {
    proxy.freeze();
    const client = new Redis(proxy.port);
    client.on('error', () => undefined);
    const store = new RedisIdempotencyStore(client, { timeout: TIMEOUT });
    await expect(store.claim(requestOf('a'))).rejects.toThrow('Redis');
    proxy.thawNew();
    await claimInTheEnd(store, 'a');
    client.disconnect();
  });

  it('leaves a server alone that is slow only', async () => {
    const client = new Redis(redis.port);
    const store = new RedisIdempotencyStore(client, { timeout: 5_000 });
    await claimOf(store, 'slow-0');
    let connects = 0;
    client.on('connect', () => (connects += 1));
    void client.call('DEBUG', 'SLEEP', '1').catch(() => undefined);
    await claimOf(store, 'slow-1');
    expect(connects).toBe(0);
    client.disconnect();
  });
});

describeWithOwnRedis('A cluster whose nodes stand still', () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    cluster = await startRedisCluster(3);
  });
  afterAll(() => cluster.dispose());

  it('is back when they are', async () => {
    const client = new Cluster(cluster.ports.map(port => ({ host: '127.0.0.1', port })));
    client.on('error', () => undefined);
    const store = new RedisIdempotencyStore(client, { timeout: 200 });
    await claimInTheEnd(store, 'before');
    for (const { server } of cluster.nodes) server.pause();
    const asked = Array.from({ length: 60 }, (_, index) => store.claim(requestOf(`${index}`)));
    await Promise.allSettled(asked);
    for (const { server } of cluster.nodes) server.resume();
    for (let index = 0; index < 20; index += 1) {
      await claimInTheEnd(store, `after-${index}`);
    }
    client.disconnect();
  });
});

describeWithOwnRedis('A failover that leaves the old primary read-only', () => {
  it('has many refused at once, and no more listeners than one', async () => {
    Logger.overrideLogger(false);
    const redis = await startRedis();
    const warnings: Error[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on('warning', onWarning);
    const own = new Redis(redis.url);
    const stores = [new RedisIdempotencyStore(redis.url), new RedisIdempotencyStore(own)];
    await Promise.all(stores.map((store, index) => claimOf(store, `before-${index}`)));
    const admin = new Redis(redis.url);
    await admin.replicaof('127.0.0.1', '1');
    for (const store of stores) {
      const asked = Array.from({ length: 30 }, (_, index) => store.claim(requestOf(`${index}`)));
      for (const each of await Promise.allSettled(asked)) {
        expect(String((each as PromiseRejectedResult).reason)).toContain('READONLY');
      }
    }
    await admin.replicaof('NO', 'ONE');
    for (const [index, store] of stores.entries()) {
      await claimInTheEnd(store, `after-${index}`);
    }
    await new Promise(resolve => setImmediate(resolve));
    expect(warnings).toEqual([]);
    process.off('warning', onWarning);
    await stores[0]!.close();
    own.disconnect();
    admin.disconnect();
    await redis.server.dispose();
  });

  it.each([
    "READONLY You can't write against a read only replica. script: f_0a, on @user_script:9.",
    // Redis 6.2
    "ERR Error running script (call to f_0a): @user_script:9: @user_script: 9: -READONLY You can't write against a read only replica.",
  ])('makes a client connect again that is answered: %s', async text => {
    const redis = await startRedis();
    let connects = 0;
    const proxy = await startFreezingProxy(() => {
      connects += 1;
      return redis.port;
    });
    const connection = new RedisConnection(`redis://127.0.0.1:${proxy.port}`, 5_000);
    const refusal = new RedisScript(`return redis.error_reply(${JSON.stringify(text)})`);
    const works = new RedisScript('return 1');
    const send = (script: RedisScript) => connection.run(() => connection.send(script, 'key'));
    expect(await send(works)).toBe(1);
    await expect(send(refusal)).rejects.toThrow('ReplyError READONLY');
    await until(() => send(works));
    expect(connects).toBe(2);
    await connection.close();
    proxy.close();
    await redis.server.dispose();
  });
});
