import { startFreezingProxy } from '../../../support/freezing-proxy.js';
import { startPgBouncer } from '../../../support/servers/pgbouncer.js';
import { startPostgres } from '../../../support/servers/postgres.js';
import { SENTINEL_NAME, startRedisSentinel } from '../../../support/servers/redis-sentinel.js';
import { startRedis } from '../../../support/servers/redis.js';
import type { History } from './history.js';
import {
  network,
  poolerNemeses,
  postgresNemeses,
  redisNemeses,
  sentinelNemeses,
  type Nemesis,
} from './nemeses.js';
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
const persistentRedis = () =>
  startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });

async function onRedis(hasQueue: boolean): Promise<System> {
  const redis = await persistentRedis();
  const proxy = await startFreezingProxy(redis.port);
  const url = `redis://127.0.0.1:${proxy.port}`;
  return {
    mode: hasQueue ? 'queue' : 'inline',
    wiring: {
      store: { redis: url },
      ...(hasQueue && { queue: { connection: { url }, ...QUEUE } }),
    },
    nemeses: redisNemeses(redis, proxy),
    dispose: async () => {
      proxy.close();
      await redis.server.dispose();
    },
  };
}

async function onSentinel(): Promise<System> {
  const sentinel = await startRedisSentinel();
  return {
    mode: 'inline',
    wiring: { store: { sentinel: sentinel.port, name: SENTINEL_NAME } },
    nemeses: sentinelNemeses(sentinel),
    dispose: () => sentinel.dispose(),
  };
}

async function onPostgres(hasQueue: boolean): Promise<System> {
  const postgres = await startPostgres({ settings: { max_connections: '80' } });
  const proxy = await startFreezingProxy(postgres.port);
  const url = `postgres://postgres@127.0.0.1:${proxy.port}/postgres`;
  return {
    mode: hasQueue ? 'queue' : 'inline',
    wiring: { store: { postgres: url }, ...(hasQueue && { queue: { postgres: url, ...QUEUE } }) },
    nemeses: [...postgresNemeses(postgres), ...network(proxy)],
    dispose: async () => {
      proxy.close();
      await postgres.server.dispose();
    },
  };
}

async function onPgBouncer(): Promise<System> {
  const postgres = await startPostgres({ settings: { max_connections: '80' } });
  const pooler = await startPgBouncer(postgres.port);
  return {
    mode: 'inline',
    wiring: { store: { postgres: pooler.url } },
    nemeses: [...postgresNemeses(postgres), ...poolerNemeses(pooler.server)],
    dispose: async () => {
      await pooler.server.dispose();
      await postgres.server.dispose();
    },
  };
}

export const SYSTEMS = {
  'store on Redis': () => onRedis(false),
  'store behind Sentinel': onSentinel,
  'store on PostgreSQL': () => onPostgres(false),
  'store behind PgBouncer': onPgBouncer,
  'queue on Redis': () => onRedis(true),
  'queue on PostgreSQL': () => onPostgres(true),
} as const;

/** Each process remembers for itself, which is not enough for three: what a checker has to find. */
export const forgetful = (): Promise<System> =>
  Promise.resolve({ mode: 'inline', wiring: {}, nemeses: [], dispose: () => Promise.resolve() });
