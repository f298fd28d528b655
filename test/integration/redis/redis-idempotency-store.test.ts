import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RevragConfigurationError } from 'nestjs-revrag-webhook';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectToOutliveItsServer } from '../../contract/store-app.contract.js';
import { claimOf, LONG, requestOf, until } from '../../support/claims.js';
import { startCountingProxy } from '../../support/counting-proxy.js';
import { freePort } from '../../support/servers/server-process.js';
import { describeWithOwnRedis, startRedis, type RedisServer } from '../../support/servers/redis.js';

const SLOW = 'Redis has not answered within 200 ms';

describeWithOwnRedis('RedisIdempotencyStore', () => {
  let redis: RedisServer;
  let admin: Redis;
  let store: RedisIdempotencyStore;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await startRedis();
    admin = new Redis(redis.url);
    admin.on('error', () => undefined);
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.server.dispose();
  });
  beforeEach(async () => {
    await admin.flushall();
    store = new RedisIdempotencyStore(redis.url);
  });
  afterEach(() => store.close());

  it('needs two round trips for a delivery that goes well', async () => {
    const proxy = await startCountingProxy(redis.port);
    const counted = new RedisIdempotencyStore(`redis://127.0.0.1:${proxy.port}`);
    // Connects, and makes the scripts known.
    await counted.complete(await claimOf(counted, 'first'), LONG);
    proxy.roundTrips = 0;
    await counted.complete(await claimOf(counted, 'a', { macs: ['m1', 'm2'] }), LONG);
    expect(proxy.roundTrips).toBe(2);
    await counted.close();
    await proxy.close();
  });

  it('needs one more when known bytes come under a fresh id', async () => {
    const proxy = await startCountingProxy(redis.port);
    const counted = new RedisIdempotencyStore(`redis://127.0.0.1:${proxy.port}`);
    await counted.complete(await claimOf(counted, 'a', { macs: ['m'] }), LONG);
    await counted.claim(requestOf('b', { macs: ['m'] }));
    proxy.roundTrips = 0;
    expect(await counted.claim(requestOf('c', { macs: ['m'] }))).toMatchObject({ id: 'a' });
    expect(proxy.roundTrips).toBe(2);
    await counted.close();
    await proxy.close();
  });

  it('leaves nothing behind of a replay, and nothing that stays for ever', async () => {
    await store.complete(await claimOf(store, 'a', { macs: ['m'] }), LONG);
    const before = await admin.keys('*');
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        store.claim(requestOf(`id-${index}`, { macs: ['m'] })),
      ),
    );
    expect((await admin.keys('*')).sort()).toEqual(before.sort());
    await store.release(await claimOf(store, 'b'), ['H.one'], LONG);
    await store.release(await claimOf(store, 'c'), [], LONG);
    await store.record(await claimOf(store, 'd'), ['H.one'], LONG);
    for (const key of await admin.keys('*')) expect(await admin.pttl(key)).toBeGreaterThan(0);
  });

  it('works on after the scripts were flushed', async () => {
    const claim = await claimOf(store, 'a');
    await admin.script('FLUSH');
    expect(await store.complete(claim, LONG)).toBe(true);
    await admin.script('FLUSH');
    expect(await store.claim(requestOf('a'))).toMatchObject({ status: 'completed' });
  });

  it('keeps stores of different prefixes apart', async () => {
    const client = new Redis(redis.url, { keyPrefix: 'app:' });
    const other = new RedisIdempotencyStore(client, { prefix: 'other:' });
    await claimOf(other, 'a');
    const keys = await admin.keys('*');
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatch(/^app:other:\{[\w-]+\}/);
    await claimOf(store, 'a');
    client.disconnect();
  });

  it('closes what it opened, and leaves the client of the caller open', async () => {
    const connections = async (): Promise<number> =>
      ((await admin.client('LIST')) as string).trim().split('\n').length;
    const before = await connections();
    await claimOf(store, 'a');
    expect(await connections()).toBe(before + 1);
    await store.close();
    await store.close();
    await until(connections, count => count === before);
    await expect(store.claim(requestOf('b'))).rejects.toThrow('closed');
    const client = new Redis(redis.url);
    const shared = new RedisIdempotencyStore(client);
    await claimOf(shared, 'b');
    await shared.close();
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });

  describe('when Redis is in trouble', () => {
    /** A client as its owner may have it: queues commands while offline, and sends them again. */
    let client: Redis;
    let patient: RedisIdempotencyStore;

    beforeEach(() => {
      client = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
      client.on('error', () => undefined);
      patient = new RedisIdempotencyStore(client, { timeout: 200 });
    });
    afterEach(() => client.disconnect());

    it('does not wait longer than it should for one that is slow, and keeps no late claim', async () => {
      const held = await claimOf(patient, 'held');
      redis.server.pause();
      try {
        await expect(patient.claim(requestOf('a'))).rejects.toThrow(SLOW);
        await expect(patient.renew(held, LONG)).rejects.toThrow(SLOW);
      } finally {
        redis.server.resume();
      }
      await until(
        () => store.claim(requestOf('a')),
        ({ status }) => status === 'claimed',
      );
    });

    it('answers at once, and piles nothing up, while one is away', async () => {
      await claimOf(patient, 'before');
      await redis.server.stop();
      try {
        await until(() => client.status !== 'ready');
        const refused = async (): Promise<string[]> => {
          const asked = Array.from({ length: 500 }, (_, i) => patient.claim(requestOf(`${i}`)));
          const settled = await Promise.allSettled(asked);
          return settled.map(each =>
            each.status === 'rejected' ? String(each.reason) : 'claimed',
          );
        };
        for (const reason of await refused()) expect(reason).toBe(`ServerError: ${SLOW}`);
        // All but the one that tries.
        const again = (await refused()).filter(reason => reason.includes('for a while'));
        expect(again).toHaveLength(499);
        const { offlineQueue, commandQueue } = client as unknown as Record<string, unknown[]>;
        expect(offlineQueue!.length + commandQueue!.length).toBe(0);
      } finally {
        await redis.server.start();
      }
      await until(
        () => patient.claim(requestOf('after')),
        ({ status }) => status === 'claimed',
      );
    });

    it('comes back on its own when made from a URL', async () => {
      const own = new RedisIdempotencyStore(redis.url, { timeout: 200 });
      await claimOf(own, 'before');
      await redis.server.kill();
      await expect(own.claim(requestOf('a'))).rejects.toThrow('Redis');
      await redis.server.start();
      await until(
        () => own.claim(requestOf('a')),
        ({ status }) => status === 'claimed',
      );
      await own.close();
    });

    it('can be closed while one is away', async () => {
      await claimOf(store, 'before');
      await redis.server.stop();
      try {
        const waiting = store.claim(requestOf('a')).catch(String);
        await store.close();
        expect(await waiting).toMatch('Error: Redis');
        await expect(store.claim(requestOf('b'))).rejects.toThrow('closed');
      } finally {
        await redis.server.start();
      }
    });
  });

  it('acknowledges nothing on a Redis that is read-only, until it is not', async () => {
    const replica = await startRedis({
      args: ['--replicaof', '127.0.0.1', String(await freePort())],
    });
    const own = new RedisIdempotencyStore(replica.url);
    await expect(own.claim(requestOf('a'))).rejects.toThrow('READONLY');
    const client = new Redis(replica.url);
    await client.replicaof('NO', 'ONE');
    await until(
      () => own.claim(requestOf('a')),
      ({ status }) => status === 'claimed',
    );
    client.disconnect();
    await own.close();
    await replica.server.dispose();
  });

  it('lets claims be completed, but not made, on a Redis that is out of memory', async () => {
    const { used_memory: used } = Object.fromEntries(
      (await admin.info('memory')).split('\r\n').map(line => line.split(':')),
    ) as Record<string, string>;
    const held = await claimOf(store, 'held');
    const partial = await claimOf(store, 'partial');
    await admin.config('SET', 'maxmemory', Number(used));
    try {
      await expect(store.claim(requestOf('a'))).rejects.toThrow('OOM');
      expect(await store.complete(held, LONG)).toBe(true);
      expect(await store.claim(requestOf('held'))).toMatchObject({ status: 'completed' });
      expect(await store.release(partial, ['H.one'], LONG)).toBe(true);
    } finally {
      await admin.config('SET', 'maxmemory', 0);
    }
    expect(await store.claim(requestOf('partial'))).toMatchObject({ finished: ['H.one'] });
    expect(await store.claim(requestOf('a'))).toMatchObject({ status: 'claimed' });
  });

  it('lets an app outlive a restart of Redis', async () => {
    const durable = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    try {
      const own = new RedisIdempotencyStore(durable.url, { timeout: 300 });
      await expectToOutliveItsServer(own, durable.server);
    } finally {
      await durable.server.dispose();
    }
  });

  it('keeps passwords out of what it says', async () => {
    for (const url of [
      'redis//:hunter2@127.0.0.1',
      'redis://:hunter2@127.0.0.1:99999',
      'hunter2',
    ]) {
      const make = (): unknown => new RedisIdempotencyStore(url);
      expect(make).toThrow(RevragConfigurationError);
      expect(make).not.toThrow('hunter2');
    }
    for (const port of [redis.port, await freePort()]) {
      const own = new RedisIdempotencyStore(`redis://user:hunter2@127.0.0.1:${port}`, {
        timeout: 500,
      });
      const error = await own.claim(requestOf('a')).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(JSON.stringify([String(error), (error as Error).stack])).not.toContain('hunter2');
      await own.close();
    }
  });

  it('says what is wrong with its options', () => {
    expect(() => new RedisIdempotencyStore(undefined as never)).toThrow('environment variable');
    expect(() => new RedisIdempotencyStore(redis.url, { prefix: '{}' })).toThrow('braces');
    expect(() => new RedisIdempotencyStore(redis.url, { timeout: 0 })).toThrow('timeout');
  });
});
