import { Redis } from 'ioredis';
import pg from 'pg';
import type { QueueBackend } from './queue-app.js';

/** A server with queues, and what a test does to all of them. */
export interface QueueServer {
  readonly backend: () => QueueBackend;
  /** Loses all jobs. */
  readonly clear: () => Promise<unknown>;
  /** Ends all locks, as when workers could not renew them for too long, or have died. */
  readonly unlock: () => Promise<unknown>;
}

/** @param server Its URL may be known only later. */
export function redisQueues(server: { readonly url: string }): QueueServer {
  const ask = async (work: (client: Redis) => Promise<unknown>) => {
    const client = new Redis(server.url);
    await work(client);
    client.disconnect();
  };
  return {
    backend: () => ({ connection: { url: server.url } }),
    clear: () => ask(client => client.flushdb()),
    unlock: () =>
      ask(async client => {
        const locks = await client.keys('*:lock');
        if (locks.length > 0) await client.del(locks);
      }),
  };
}

/** @param server Its URL may be known only later. */
export function postgresQueues(server: { readonly url: string }): QueueServer {
  const query = async (text: string) => {
    const client = new pg.Client(server.url);
    await client.connect();
    await client.query(text);
    await client.end();
  };
  return {
    backend: () => ({ postgres: { connectionString: server.url, max: 3 } }),
    clear: () => query('DELETE FROM bullmq.job'),
    unlock: () =>
      query(
        "UPDATE bullmq.job SET lock_token = 'lost', locked_until_ms = 0 WHERE state = 'active'",
      ),
  };
}
