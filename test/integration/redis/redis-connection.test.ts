import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { RedisConnection } from '../../../lib/redis/redis-connection.js';
import { claimInTheEnd, claimOf, LONG, requestOf, until } from '../../support/claims.js';
import { startFreezingProxy } from '../../support/freezing-proxy.js';
import { LogCollector } from '../../support/logs.js';
import { ManualClock } from '../../support/manual-clock.js';
import { describeWithOwnRedis, startRedis, type RedisServer } from '../../support/servers/redis.js';

const TIMEOUT = 100;
const never = new Promise<never>(() => undefined);

describeWithOwnRedis('The connection to Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    redis = await startRedis();
  });
  afterAll(() => redis.server.dispose());

  function clientOf(port = redis.port, options: object = {}): Redis {
    const client = new Redis({ port, retryStrategy: () => 10, ...options });
    client.on('error', () => undefined);
    onTestFinished(() => client.disconnect());
    return client;
  }

  it('is replaced after a silence of twice the timeout, seen by the tick after that', async () => {
    const clock = new ManualClock();
    const client = clientOf();
    await once(client, 'ready');
    const connection = new RedisConnection(client, TIMEOUT, clock);
    let closed = 0;
    client.on('close', () => (closed += 1));
    connection.run(() => never).catch(() => undefined);
    await clock.pass(3 * TIMEOUT - 1);
    expect(closed).toBe(0);
    expect(client.status).toBe('ready');
    const reconnected = once(client, 'connect');
    await clock.pass(1);
    await reconnected;
    expect(closed).toBe(1);
  });

  it('sends nothing for a request that has given up before it was ready', async () => {
    const clock = new ManualClock();
    const proxy = await startFreezingProxy(redis.port);
    onTestFinished(proxy.close);
    proxy.freeze();
    const client = clientOf(proxy.port);
    const connection = new RedisConnection(client, TIMEOUT, clock);
    const sent: string[] = [];
    const run = (name: string) => connection.run(() => Promise.resolve(sent.push(name)));
    const late = run('late').catch(String);
    await clock.pass(TIMEOUT);
    expect(await late).toContain('Redis has not answered within 100 ms');
    const inTime = run('in time');
    proxy.thaw();
    await inTime;
    expect(sent).toEqual(['in time']);
  });

  it('leaves no listener behind, however often it waits', async () => {
    const client = clientOf();
    const store = new RedisIdempotencyStore(client, { timeout: LONG });
    const counts = () => ['ready', 'end', 'connect'].map(name => client.listenerCount(name));
    await claimOf(store, 'a');
    const before = counts();
    for (let turn = 0; turn < 5; turn += 1) {
      const closed = once(client, 'close');
      client.disconnect(true);
      await closed;
      await claimOf(store, `listeners ${turn}`);
    }
    expect(counts()).toEqual(before);
  });

  it('is replaced once where a primary has become a replica', async () => {
    const replica = await startRedis();
    onTestFinished(() => replica.server.dispose());
    const client = clientOf(replica.port);
    const store = new RedisIdempotencyStore(client, { timeout: LONG });
    await claimOf(store, 'before');
    let connects = 0;
    client.on('connect', () => (connects += 1));
    const admin = clientOf(replica.port);
    await admin.replicaof('127.0.0.1', '1');
    const asked = Array.from({ length: 30 }, (_, index) => store.claim(requestOf(`${index}`)));
    for (const each of await Promise.allSettled(asked)) {
      expect(String((each as PromiseRejectedResult).reason)).toContain('READONLY');
    }
    await until(() => connects > 0);
    await admin.replicaof('NO', 'ONE');
    await claimInTheEnd(store, 'after');
    expect(connects).toBe(1);
  });

  it('logs each time that Redis goes away, and that it is back', async () => {
    const logs = new LogCollector();
    Logger.overrideLogger(logs);
    onTestFinished(() => void Logger.overrideLogger(false));
    const store = new RedisIdempotencyStore(redis.url, { timeout: 5_000 });
    onTestFinished(() => store.close());
    await claimInTheEnd(store, 'before');
    for (const times of [1, 2]) {
      await redis.server.kill();
      await until(() => logs.of('warn').length === times);
      await redis.server.start();
      await claimInTheEnd(store, `after ${times}`);
      expect(logs.of('log')).toHaveLength(times);
    }
    for (const line of logs.of('warn')) {
      expect(line).toMatch(/^Redis is unavailable: \w+ ECONN\w+ RedisIdempotencyStore$/);
    }
  });

  it('waits for two seconds unless another time is given', async () => {
    const proxy = await startFreezingProxy(redis.port);
    onTestFinished(proxy.close);
    proxy.freeze();
    const store = new RedisIdempotencyStore(`redis://127.0.0.1:${proxy.port}`);
    await expect(store.claim(requestOf('a'))).rejects.toThrow('within 2000 ms');
    proxy.close();
    await store.close();
  });

  it('may give numbers as text', async () => {
    const client = clientOf(redis.port, { stringNumbers: true });
    const store = new RedisIdempotencyStore(client, { timeout: LONG });
    const before = Date.now();
    const claim = await claimOf(store, 'numbers', { handlerIds: ['A', 'B'] });
    expect(claim.fence).toBeGreaterThanOrEqual(before);
    const held = await store.claim(requestOf('numbers', { handlerIds: ['A', 'B'] }));
    expect((held as { retryAfter: unknown }).retryAfter).toBeTypeOf('number');
    expect(await store.end(claim, { handlerIds: ['B'], retention: LONG })).toBe(true);
    const rest = await store.claim(requestOf('numbers', { handlerIds: ['A', 'B'] }));
    expect(rest).toMatchObject({ status: 'claimed', finished: ['B'] });
  });
});
