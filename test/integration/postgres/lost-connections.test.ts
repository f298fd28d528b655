import { Logger } from '@nestjs/common';
import pg from 'pg';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { claimInTheEnd, requestOf } from '../../support/claims.js';
import { startFreezingProxy, type FreezingProxy } from '../../support/freezing-proxy.js';
import {
  describeWithOwnPostgres,
  startPostgres,
  type PostgresServer,
} from '../../support/servers/postgres.js';

describeWithOwnPostgres('A connection that is lost amid a transaction', () => {
  let postgres: PostgresServer;
  let proxy: FreezingProxy;
  let schemas = 0;
  const uncaught: unknown[] = [];
  const note = (error: unknown): unknown => uncaught.push(error);

  beforeAll(async () => {
    Logger.overrideLogger(false);
    process.on('uncaughtException', note);
    postgres = await startPostgres();
    const admin = new pg.Client(postgres.url);
    await admin.connect();
    await admin.query(`CREATE ROLE strict LOGIN SUPERUSER;
      ALTER ROLE strict SET default_transaction_isolation = 'serializable'`);
    await admin.end();
  });
  afterAll(async () => {
    await postgres.server.dispose();
    process.off('uncaughtException', note);
  });
  beforeEach(async () => {
    proxy = await startFreezingProxy(postgres.port);
  });
  afterEach(() => proxy.close());

  const url = (): string => `postgres://strict@127.0.0.1:${proxy.port}/postgres`;
  /** Ends the connection over which a statement comes that contains the text. */
  const cutAt = (text: string): void => {
    proxy.onRequest = bytes => {
      if (!bytes.includes(text)) return;
      proxy.onRequest = undefined;
      proxy.abandon();
      proxy.bury();
    };
  };

  it.each(['BEGIN', 'COMMIT'])('costs one operation, and not the process: at %s', async text => {
    const pool = new pg.Pool({ connectionString: url(), connectionTimeoutMillis: 5_000 });
    for (const from of [url(), pool]) {
      const store = new PostgresIdempotencyStore(from, { schema: `lost${(schemas += 1)}` });
      await claimInTheEnd(store, 'before');
      cutAt(text);
      await expect(store.claim(requestOf('lost'))).rejects.toThrow('PostgreSQL: ');
      await claimInTheEnd(store, 'after');
      await store.close();
    }
    await pool.end();
    expect(uncaught).toEqual([]);
  });

  it('leaves no listener on a client that returns to its pool', async () => {
    const pool = new pg.Pool({ connectionString: url(), connectionTimeoutMillis: 5_000, max: 1 });
    const store = new PostgresIdempotencyStore(pool);
    await claimInTheEnd(store, 'first');
    const count = async (): Promise<number> => {
      const client = await pool.connect();
      client.release();
      return client.listenerCount('error');
    };
    const before = await count();
    await claimInTheEnd(store, 'second');
    expect(await count()).toBe(before);
    await store.close();
    await pool.end();
  });
});
