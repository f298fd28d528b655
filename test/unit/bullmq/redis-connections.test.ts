import type { ConnectionOptions } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { RedisConnections } from '../../../lib/bullmq/redis-connections.js';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import { ManualClock } from '../../support/manual-clock.js';

function setUp(connection: ConnectionOptions = {}, drainDelay?: number) {
  const worker = drainDelay === undefined ? {} : { drainDelay };
  const clock = new ManualClock();
  const options = resolveBullOptions({ connection, worker }, 'q');
  const connections = new RedisConnections(options, clock);
  return {
    ...{ clock, connections },
    adding: () => connections.adding() as RedisOptions,
    working: () => connections.working() as RedisOptions,
  };
}

it('fails at once while Redis is away, where jobs are added', () => {
  expect(setUp().adding()).toMatchObject({
    ...{ enableOfflineQueue: false, maxRetriesPerRequest: 1, lazyConnect: false },
    ...{ socketTimeout: 10_000, connectTimeout: 5_000 },
  });
});

it('waits for Redis, where jobs are taken', () => {
  const given = { commandTimeout: 100, maxRetriesPerRequest: 3, enableOfflineQueue: false };
  const { working } = setUp(given);
  expect(working()).toMatchObject({ enableOfflineQueue: true, maxRetriesPerRequest: null });
  expect(working().commandTimeout).toBeUndefined();
});

it.each([
  ['nothing', {}, undefined, 15_000],
  ['a short socketTimeout', { socketTimeout: 1_000 }, undefined, 15_000],
  ['a long one', { socketTimeout: 60_000 }, undefined, 60_000],
  ['a drainDelay of less than BullMQ blocks for', {}, 5, 15_000],
  ['a longer one', {}, 20, 25_000],
])('does not take a blocking read for silence, given %s', (_what, given, drainDelay, expected) => {
  expect(setUp(given, drainDelay).working().socketTimeout).toBe(expected);
});

it('keeps what is given, and what a client was given', () => {
  const given = { host: 'redis', socketTimeout: 3, connectTimeout: 4, password: undefined };
  expect(setUp(given).adding()).toMatchObject({
    host: 'redis',
    socketTimeout: 3,
    connectTimeout: 4,
  });
  const client = new Redis({ host: 'redis', db: 5, lazyConnect: true });
  onTestFinished(() => client.disconnect());
  const { adding, working } = setUp(client);
  for (const options of [adding(), working()]) {
    expect(options).toMatchObject({ host: 'redis', db: 5, lazyConnect: false });
  }
});

it('reconnects after 100 ms, then later and later, up to 2 s, until the app closes', () => {
  const { connections, adding, working } = setUp();
  const all = [adding(), working()];
  for (const { retryStrategy } of all) {
    expect([1, 2, 19, 20, 21, 1_000].map(times => retryStrategy!(times))).toEqual([
      100, 200, 1_900, 2_000, 2_000, 2_000,
    ]);
  }
  connections.stopReconnecting();
  for (const { retryStrategy } of all) expect(retryStrategy!(1)).toBeNull();
});

it('reconnects as it is told to, until the app closes', () => {
  const { connections, adding } = setUp({ retryStrategy: () => 7 });
  const { retryStrategy } = adding();
  expect(retryStrategy!(1)).toBe(7);
  connections.stopReconnecting();
  expect(retryStrategy!(1)).toBeNull();
});

it('leaves a replica once a second, each connection by itself', () => {
  const { clock, adding, working } = setUp();
  const readonly = new Error("READONLY You can't write against a read only replica.");
  const [one, other] = [adding().reconnectOnError!, working().reconnectOnError!];
  expect(one(new Error('OOM command not allowed'))).toBe(false);
  expect(one(readonly)).toBe(true);
  expect(other(readonly)).toBe(true);
  clock.standStill(999);
  expect(one(readonly)).toBe(false);
  clock.standStill(1);
  expect(one(readonly)).toBe(true);
});

it('leaves a client of another driver as it is', () => {
  const other = { connect: () => 0, disconnect: () => 0, duplicate: () => 0 };
  const { adding, working } = setUp(other);
  expect(adding()).toBe(other);
  expect(working()).toBe(other);
});
