import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { FreezingProxy } from '../../../support/freezing-proxy.js';
import type { PostgresServer } from '../../../support/servers/postgres.js';
import type { RedisSentinel } from '../../../support/servers/redis-sentinel.js';
import type { RedisServer } from '../../../support/servers/redis.js';
import type { ServerProcess } from '../../../support/servers/server-process.js';
import type { Random } from '../../fuzz/random.js';
import { now } from './history.js';
import { LEASE_MS, RELEASES, type Scene } from './scene.js';

/** Does harm, waits, and mends it. */
export interface Nemesis {
  readonly name: string;
  strike(scene: Scene, random: Random): Promise<void>;
}

const nemesis = (name: string, strike: Nemesis['strike']): Nemesis => ({ name, strike });

/** Shorter and longer than a lease. */
const harmTime = (random: Random): number => random.int(LEASE_MS / 4, LEASE_MS * 2);

/** Something that keeps a server from answering, for a while. */
const outage = (name: string, harm: () => unknown, mend: () => unknown): Nemesis =>
  nemesis(name, async (scene, random) => {
    const from = now();
    try {
      await harm();
      await delay(harmTime(random));
    } finally {
      await mend();
      scene.faults.push({ kind: 'outage', from, to: now() });
    }
  });

export const APP_NEMESES: readonly Nemesis[] = [
  nemesis('SIGKILL', async (scene, random) => {
    const target = random.pick(scene.targets);
    const pid = await target.instance.end('SIGKILL');
    scene.faults.push({ kind: 'exit', pid, at: now(), isCrash: true });
    await delay(random.int(0, LEASE_MS));
    await scene.boot(target, target.handlers);
  }),
  nemesis('SIGSTOP', async (scene, random) => {
    const { instance } = random.pick(scene.targets);
    const { pid } = instance;
    const from = now();
    instance.signal('SIGSTOP');
    await delay(LEASE_MS + random.int(500, LEASE_MS));
    instance.signal('SIGCONT');
    scene.faults.push({ kind: 'pause', pid, from, to: now() });
  }),
  // The process notes itself for how long it stood still.
  nemesis('blocked event loop', async (scene, random) => {
    const block = LEASE_MS + random.int(200, 1_000);
    random.pick(scene.targets).instance.send({ block });
    await delay(block);
  }),
  nemesis('rolling deploy', async (scene, random) => {
    for (const target of scene.targets) {
      await scene.shutDown(target);
      await scene.boot(target, target === scene.targets[0] ? RELEASES[0] : random.pick(RELEASES));
    }
  }),
];

const killed = (name: string, server: ServerProcess): Nemesis =>
  outage(
    name,
    () => server.kill(),
    () => server.start(),
  );

export const network = (proxy: FreezingProxy): Nemesis[] => [
  outage('partition', () => proxy.freeze(), proxy.thaw),
  outage('requests lost', () => proxy.freeze('requests'), proxy.thaw),
  outage('replies lost', () => proxy.freeze('replies'), proxy.thaw),
  // Connections die in silence; new ones work at once.
  nemesis('half-open connections', async scene => {
    const from = now();
    proxy.abandon();
    await delay(LEASE_MS * 2);
    proxy.bury();
    scene.faults.push({ kind: 'outage', from, to: now() });
  }),
];

async function onRedis<T>(port: number, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(port, { maxRetriesPerRequest: null });
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

export const redisNemeses = ({ server, port }: RedisServer, proxy: FreezingProxy): Nemesis[] => [
  ...network(proxy),
  killed('Redis killed', server),
  outage(
    'Redis stopped',
    () => server.pause(),
    () => server.resume(),
  ),
  outage(
    'Redis out of memory',
    () => onRedis(port, client => client.config('SET', 'maxmemory', '1')),
    () => onRedis(port, client => client.config('SET', 'maxmemory', '0')),
  ),
  nemesis('FLUSHALL', async scene => {
    const from = now();
    await onRedis(port, client => client.flushall());
    scene.faults.push({ kind: 'amnesia', since: -Infinity, from, to: now() });
  }),
];

/**
 * Replication is asynchronous: what was written in the last moment may not be there any more, nor what the old
 * primary took after the new one was promoted and before clients heard of it.
 */
const REPLICATION_MS = 1_500;

/** Waits until the replica follows the primary: it takes a while after a failover. */
async function inStep(nodes: readonly RedisServer[]): Promise<void> {
  const link = async ({ port }: RedisServer): Promise<boolean> =>
    /master_link_status:up/.test(await onRedis(port, client => client.info('replication')));
  while (!(await Promise.all(nodes.map(link))).includes(true)) await delay(100);
}

export const sentinelNemeses = (sentinel: RedisSentinel): Nemesis[] => [
  nemesis('Sentinel failover', async scene => {
    await inStep(sentinel.nodes);
    const from = now();
    await sentinel.failOver();
    const to = now() + REPLICATION_MS;
    scene.faults.push({ kind: 'outage', from, to });
    scene.faults.push({ kind: 'amnesia', since: from - REPLICATION_MS, from, to });
  }),
];

const terminateAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`;

/** Takes every connection that there is. */
async function exhaust(url: string): Promise<pg.Client[]> {
  const clients: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch {
      return clients;
    }
    clients.push(client);
    // So that it is one against the others.
    if (clients.length === 1) await client.query(terminateAll);
  }
}

/** As it starts again it recovers, which is a wait for those who ask meanwhile. */
export const postgresNemeses = ({ server, url }: PostgresServer): Nemesis[] => {
  let clients: pg.Client[] = [];
  return [
    killed('PostgreSQL killed', server),
    nemesis('backends terminated', async scene => {
      const client = new pg.Client(url);
      client.on('error', () => undefined);
      const from = now();
      try {
        await client.connect();
        await client.query(terminateAll);
      } finally {
        await client.end();
        scene.faults.push({ kind: 'outage', from, to: now() });
      }
    }),
    outage(
      'connections exhausted',
      async () => (clients = await exhaust(url)),
      () => Promise.all(clients.splice(0).map(client => client.end())),
    ),
  ];
};

export const poolerNemeses = (pooler: ServerProcess): Nemesis[] => [
  killed('PgBouncer killed', pooler),
  outage(
    'PgBouncer stopped',
    () => pooler.pause(),
    () => pooler.resume(),
  ),
];
