import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RevragConfigurationError } from 'nestjs-revrag-webhook';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectToOutliveItsServer } from '../../contract/store-app.contract.js';
import {
  claimInTheEnd,
  claimOf,
  endOf,
  identityOf,
  LONG,
  requestOf,
  until,
} from '../../support/claims.js';
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

  it('needs two round trips for a delivery, whatever id it comes under', async () => {
    const proxy = await startCountingProxy(redis.port);
    const counted = new RedisIdempotencyStore(`redis://127.0.0.1:${proxy.port}`);
    // Connects, and makes the scripts known.
    await endOf(counted, await claimOf(counted, 'first'));
    proxy.roundTrips = 0;
    await endOf(counted, await claimOf(counted, 'a'));
    expect(proxy.roundTrips).toBe(2);
    const renamed = requestOf('a', { identity: identityOf('a', 'a', 'another id') });
    expect(await counted.claim(renamed)).toMatchObject({ status: 'completed' });
    expect(proxy.roundTrips).toBe(3);
    await counted.close();
    await proxy.close();
  });

  it('leaves nothing behind of a replay, and nothing that stays for ever', async () => {
    await endOf(store, await claimOf(store, 'a'));
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        store.claim(requestOf('a', { identity: identityOf('a', 'a', `id-${index}`) })),
      ),
    );
    const keys = await admin.keys('*');
    expect(keys).toHaveLength(1);
    // Sixteen names, the delivery, and the call's last fence.
    expect(await admin.hlen(keys[0]!)).toBe(18);
    await endOf(store, await claimOf(store, 'b'), []);
    await claimOf(store, 'c');
    await store.record(await claimOf(store, 'd'), { handlerIds: ['A'], retention: LONG });
    await store.renew(await claimOf(store, 'e'), LONG);
    expect(await admin.keys('*')).toHaveLength(5);
    for (const key of await admin.keys('*')) expect(await admin.pttl(key)).toBeGreaterThan(0);
  });

  it('keeps no name twice: the body names the delivery already', async () => {
    await endOf(store, await claimOf(store, 'a'));
    expect(await admin.hlen((await admin.keys('*'))[0]!)).toBe(3);
  });

  it('notes a finished handler once', async () => {
    const claim = await claimOf(store, 'a', { handlerIds: ['A', 'B'] });
    await store.record(claim, { handlerIds: ['A'], retention: LONG });
    await endOf(store, claim, ['A', 'B']);
    const finished = await admin.hget((await admin.keys('*'))[0]!, `f${claim.key}`);
    expect(finished).toHaveLength(16);
  });

  it('keeps sixteen names too where body and id are both new', async () => {
    await endOf(store, await claimOf(store, 'a'));
    for (let index = 0; index < 20; index += 1) {
      const identity = identityOf('a', `body-${index}`, `id-${index}`);
      await store.claim(requestOf('a', { identity, by: 'call' }));
    }
    expect(await admin.hlen((await admin.keys('*'))[0]!)).toBe(18);
  });

  it('counts fences by the clock of the server, so that they grow when all is lost', async () => {
    const before = Date.now();
    const { fence } = await claimOf(store, 'a');
    expect(fence).toBeGreaterThanOrEqual(before);
    expect(fence).toBeLessThanOrEqual(Date.now());
  });

  it('remembers a delivery in a few bytes', async () => {
    const used = async (): Promise<number> =>
      Number(/used_memory:(\d+)/.exec(await admin.info('memory'))![1]);
    const remember = (turn: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: 50 }, async (_, index) =>
          endOf(store, await claimOf(store, `${turn}-${index}`)),
        ),
      );
    await remember(0);
    const before = await used();
    for (let turn = 1; turn <= 100; turn += 1) await remember(turn);
    // About 215 where malloc gives multiples of 16 bytes, 200 of 8; and the table has room for up to twice as many.
    expect((await used()) - before).toBeLessThan(5_000 * 245);
  });

  it('holds a call for as long as any delivery of it is to be remembered, or claimed', async () => {
    const left = async (): Promise<number> => admin.pttl((await admin.keys('*'))[0]!);
    const identity = identityOf('a', 'b1', 'i1');
    const first = await claimOf(store, 'a', { identity, lease: 3 * LONG });
    expect(await left()).toBeGreaterThan(2 * LONG);
    await endOf(store, first);
    expect(await left()).toBeLessThanOrEqual(LONG);
    const second = await claimOf(store, 'a', { identity: identityOf('a', 'b2', 'i2') });
    await store.end(second, { handlerIds: [], retention: 1 });
    expect(await left()).toBeGreaterThan(1_000);
    await store.renew(second, 3 * LONG);
    expect(await left()).toBeGreaterThan(2 * LONG);
  });

  it('works on after the scripts were flushed', async () => {
    const claim = await claimOf(store, 'a');
    await admin.script('FLUSH');
    expect(await endOf(store, claim)).toBe(true);
    await admin.script('FLUSH');
    expect(await store.claim(requestOf('a'))).toMatchObject({ status: 'completed' });
  });

  it('keeps stores of different prefixes apart', async () => {
    const client = new Redis(redis.url, { keyPrefix: 'app:' });
    const other = new RedisIdempotencyStore(client, { prefix: 'other:' });
    await claimOf(other, 'a');
    const keys = await admin.keys('*');
    expect(keys).toHaveLength(1);
    for (const key of keys) expect(key).toMatch(/^app:other:[\w-]{22}$/);
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
    await expect(store.claim(requestOf('b'))).rejects.toThrow('Make one for each app');
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
      const held = await claimInTheEnd(patient, 'held');
      redis.server.pause();
      try {
        await expect(patient.claim(requestOf('a'))).rejects.toThrow(SLOW);
        await expect(patient.renew(held, LONG)).rejects.toThrow(SLOW);
      } finally {
        redis.server.resume();
      }
      await claimInTheEnd(store, 'a');
    });

    it('answers at once, and piles nothing up, while one is away', async () => {
      await claimInTheEnd(patient, 'before');
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
        for (const reason of await refused()) expect(reason).toContain(SLOW);
        const again = (await refused()).filter(reason => reason.includes('for a while'));
        // All, or all but one that tries.
        expect(again.length).toBeGreaterThanOrEqual(499);
        const { offlineQueue, commandQueue } = client as unknown as Record<string, unknown[]>;
        expect(offlineQueue!.length + commandQueue!.length).toBe(0);
      } finally {
        await redis.server.start();
      }
      await claimInTheEnd(patient, 'after');
    });

    it('comes back on its own when made from a URL', async () => {
      const own = new RedisIdempotencyStore(redis.url, { timeout: 200 });
      await claimInTheEnd(own, 'before');
      await redis.server.kill();
      await expect(own.claim(requestOf('a'))).rejects.toThrow('Redis');
      await redis.server.start();
      await claimInTheEnd(own, 'a');
      await own.close();
    });

    it('can be closed while one is away', async () => {
      await claimOf(store, 'before');
      await redis.server.stop();
      try {
        const waiting = store.claim(requestOf('a')).catch(String);
        await store.close();
        expect(await waiting).toMatch('Redis');
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
    await claimInTheEnd(own, 'a');
    client.disconnect();
    await own.close();
    await replica.server.dispose();
  });

  it('lets claims be completed, but not made, on a Redis that is out of memory', async () => {
    const { used_memory: used } = Object.fromEntries(
      (await admin.info('memory')).split('\r\n').map(line => line.split(':')),
    ) as Record<string, string>;
    const held = await claimOf(store, 'held');
    const partial = await claimOf(store, 'partial', { handlerIds: ['A', 'B'] });
    await admin.config('SET', 'maxmemory', Number(used));
    try {
      await expect(store.claim(requestOf('a'))).rejects.toThrow('OOM');
      expect(await store.renew(held, LONG)).toBe(true);
      const progress = { handlerIds: [], retention: LONG };
      expect(await store.record(held, progress)).toBe(true);
      expect(await endOf(store, held)).toBe(true);
      expect(await store.claim(requestOf('held'))).toMatchObject({ status: 'completed' });
      const renamed = requestOf('held', { identity: identityOf('held', 'held', 'another id') });
      expect(await store.claim(renamed)).toMatchObject({ status: 'completed' });
      expect(await endOf(store, partial)).toBe(true);
    } finally {
      await admin.config('SET', 'maxmemory', 0);
    }
    const rest = requestOf('partial', { handlerIds: ['A', 'B'] });
    expect(await store.claim(rest)).toMatchObject({ finished: ['A'] });
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

  it('takes calls, bodies and ids of any form', async () => {
    const odd = store;
    for (const text of ['a\0b', '\uD800', '', "'; --", 'x'.repeat(10_000)]) {
      await endOf(odd, await claimOf(odd, text));
      expect(await odd.claim(requestOf(text))).toMatchObject({ status: 'completed' });
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

  it('keeps passwords out of what is seen of it', async () => {
    const own = new RedisIdempotencyStore(`redis://user:hunter2@127.0.0.1:${redis.port}`);
    const seen = inspect(own, { depth: Infinity, showHidden: true }) + JSON.stringify(own);
    expect(seen).toContain('revrag:');
    expect(seen).not.toContain('hunter2');
    await own.close();
  });

  it('says what is wrong with its options', () => {
    expect(() => new RedisIdempotencyStore(undefined as never)).toThrow('environment variable');
    expect(() => new RedisIdempotencyStore(redis.url, { prefix: '{}' })).toThrow('braces');
    // Longer than a timer can wait, which then ends at once.
    for (const timeout of [0, NaN, Infinity, 2 ** 31, '500' as never]) {
      expect(() => new RedisIdempotencyStore(redis.url, { timeout })).toThrow('timeout must be');
    }
    const misspelt = { keyPrefix: 'app:' } as object;
    expect(() => new RedisIdempotencyStore(redis.url, misspelt)).toThrow('no option keyPrefix.');
  });
});
