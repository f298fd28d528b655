import { startFreezingProxy } from '../../../support/freezing-proxy.js';
import { startPgBouncer } from '../../../support/servers/pgbouncer.js';
import { startPostgres } from '../../../support/servers/postgres.js';
import { startRedisCluster } from '../../../support/servers/redis-cluster.js';
import { SENTINEL_NAME, startRedisSentinel } from '../../../support/servers/redis-sentinel.js';
import { startRedis } from '../../../support/servers/redis.js';
import { mountSmallDisk } from '../../../support/servers/small-disk.js';
import type { History } from './history.js';
import { clusterNemeses } from './nemeses/cluster.js';
import { diskNemeses } from './nemeses/disk.js';
import type { Nemesis } from './nemeses/nemesis.js';
import { network } from './nemeses/network.js';
import { poolerNemeses } from './nemeses/pooler.js';
import { postgresNemeses, type Primary } from './nemeses/postgres.js';
import { promotionNemeses } from './nemeses/promotion.js';
import { redisNemeses } from './nemeses/redis.js';
import { sentinelNemeses } from './nemeses/sentinel.js';
import { LEASE_MS, type Wiring } from './scene.js';

/** What the app is connected to, and what may befall it. */
export interface System {
  readonly mode: History['mode'];
  readonly wiring: Wiring;
  readonly nemeses: readonly Nemesis[];
  dispose(): Promise<void>;
}

/** Often and soon, so that no job of a test ends as a dead letter. */
const QUEUE = {
  attempts: 1_000,
  backoff: { type: 'fixed', delay: 300 },
  worker: { lockDuration: LEASE_MS, stalledInterval: LEASE_MS / 2, maxStalledCount: 1_000 },
} as const;

/** Keeps what it was told through a restart. */
const PERSISTENT = ['--appendonly', 'yes', '--appendfsync', 'always'];
/** Until a Sentinel or a cluster replaces a node that does not answer. */
const DOWN_AFTER_MS = 1_000;
/** Of PostgreSQL; it fits on a small disk, also twice. */
const SETTINGS = {
  max_connections: '80',
  max_wal_size: '64MB',
  min_wal_size: '32MB',
  wal_keep_size: '32MB',
};

async function onRedis(hasQueue: boolean): Promise<System> {
  const disk = mountSmallDisk();
  const redis = await startRedis({ args: PERSISTENT, parent: disk?.folder });
  const proxy = await startFreezingProxy(redis.port);
  const url = `redis://127.0.0.1:${proxy.port}`;
  return {
    mode: hasQueue ? 'queue' : 'inline',
    wiring: {
      store: { redis: url },
      ...(hasQueue && { queue: { connection: { url }, ...QUEUE } }),
    },
    nemeses: [...redisNemeses(redis, proxy), ...diskNemeses(disk, () => redis.server)],
    dispose: async () => {
      proxy.close();
      await redis.server.dispose();
      disk?.dispose();
    },
  };
}

async function onSentinel(): Promise<System> {
  const sentinel = await startRedisSentinel(DOWN_AFTER_MS);
  return {
    mode: 'inline',
    wiring: { store: { sentinel: sentinel.port, name: SENTINEL_NAME } },
    nemeses: sentinelNemeses(sentinel),
    dispose: () => sentinel.dispose(),
  };
}

async function onCluster(): Promise<System> {
  const cluster = await startRedisCluster(3, { replica: true, nodeTimeout: DOWN_AFTER_MS });
  return {
    mode: 'inline',
    wiring: { store: { cluster: cluster.ports } },
    nemeses: clusterNemeses(cluster),
    dispose: () => cluster.dispose(),
  };
}

async function onPostgres(hasQueue: boolean): Promise<System> {
  const disk = mountSmallDisk();
  const options = { settings: SETTINGS, parent: disk?.folder };
  const primary: Primary = { now: await startPostgres(options) };
  const proxy = await startFreezingProxy(() => primary.now.port);
  const url = `postgres://postgres@127.0.0.1:${proxy.port}/postgres`;
  return {
    mode: hasQueue ? 'queue' : 'inline',
    wiring: { store: { postgres: url }, ...(hasQueue && { queue: { postgres: url, ...QUEUE } }) },
    nemeses: [
      ...postgresNemeses(primary),
      ...promotionNemeses(primary, options),
      ...diskNemeses(disk, () => primary.now.server),
      ...network(proxy),
    ],
    dispose: async () => {
      proxy.close();
      await primary.now.server.dispose();
      disk?.dispose();
    },
  };
}

async function onPgBouncer(): Promise<System> {
  const postgres = await startPostgres({ settings: SETTINGS });
  const pooler = await startPgBouncer(postgres.port);
  return {
    mode: 'inline',
    wiring: { store: { postgres: pooler.url } },
    nemeses: [...postgresNemeses({ now: postgres }), ...poolerNemeses(pooler.server)],
    dispose: async () => {
      await pooler.server.dispose();
      await postgres.server.dispose();
    },
  };
}

export const SYSTEMS = {
  'store on Redis': () => onRedis(false),
  'store behind Sentinel': onSentinel,
  'store on Redis Cluster': onCluster,
  'store on PostgreSQL': () => onPostgres(false),
  'store behind PgBouncer': onPgBouncer,
  'queue on Redis': () => onRedis(true),
  'queue on PostgreSQL': () => onPostgres(true),
} as const;

/** Each process remembers for itself, which is not enough for three: what a checker has to find. */
export const forgetful = (): Promise<System> =>
  Promise.resolve({ mode: 'inline', wiring: {}, nemeses: [], dispose: () => Promise.resolve() });
