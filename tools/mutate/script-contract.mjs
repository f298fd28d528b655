import { Redis } from 'ioredis';
import pg from 'pg';
import { provide } from '../samples/servers.mjs';

const lib = new URL('../../lib/', import.meta.url).href;
/** A change may make something wait for ever. For a busy machine. */
const PATIENCE_MS = 60_000;
const timeout = 50_000;

/** Stores of a changed script, by the number of the change. */
const STORES = {
  redis: async () => {
    const { url, dispose } = await provide('REDIS_URL');
    const client = new Redis(url);
    const create = async mutant => {
      const path = `${lib}redis/redis-idempotency-store.ts?mutant=${mutant}`;
      const { RedisIdempotencyStore } = await import(path);
      return [() => new RedisIdempotencyStore(client, { timeout, prefix: `${mutant}:` })];
    };
    return { create, close: () => Promise.all([client.disconnect(), dispose?.()]) };
  },
  postgres: async () => {
    const { url, dispose } = await provide('DATABASE_URL');
    const pools = ['read committed', 'repeatable read'].map(
      level =>
        new pg.Pool({
          connectionString: url,
          connectionTimeoutMillis: 50_000,
          options: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`,
        }),
    );
    const create = async mutant => {
      const path = `${lib}postgres/postgres-idempotency-store.ts?mutant=${mutant}`;
      const { PostgresIdempotencyStore } = await import(path);
      const options = { timeout, schema: `mutant_${mutant}` };
      return pools.map(pool => () => new PostgresIdempotencyStore(pool, options));
    };
    const close = async () => {
      for (const pool of pools) await pool.end();
      await dispose?.();
    };
    return { create, close };
  },
};

/** Runs the published contract of stores in this process, which takes a second for a change. */
export async function startContract(name) {
  const { idempotencyStoreContract } = await import(`${lib}testing/idempotency-store-contract.ts`);
  const { create, close } = await STORES[name]();
  /** @returns the first case that fails, if one does */
  const noticedBy = async mutant => {
    for (const createStore of await create(mutant)) {
      for (const { name: title, run } of idempotencyStoreContract(createStore)) {
        const failed = await Promise.race([run().then(() => false), later()]).catch(() => true);
        if (failed) return title;
      }
    }
    return undefined;
  };
  return { noticedBy, close };
}

const later = () => new Promise(resolve => setTimeout(resolve, PATIENCE_MS, true).unref());
