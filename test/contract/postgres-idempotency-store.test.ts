import pg from 'pg';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { afterAll, beforeAll } from 'vitest';
import { describeWithPgBouncer, startPgBouncer } from '../support/servers/pgbouncer.js';
import {
  describeWithOwnPostgres,
  describeWithPostgres,
  startPostgres,
  usePostgres,
  type PostgresServer,
} from '../support/servers/postgres.js';
import type { ServerProcess } from '../support/servers/server-process.js';
import { describeIdempotencyStore } from './idempotency-store.contract.js';

// The pools are the callers': closing a store leaves them open.

describeWithPostgres('on PostgreSQL', () => {
  const server = usePostgres();
  for (const level of ['read committed', 'repeatable read', 'serializable']) {
    const schema = `contract ${level}`;
    let pool: pg.Pool;
    beforeAll(() => {
      pool = new pg.Pool({
        connectionString: server.url,
        connectionTimeoutMillis: 60_000,
        options: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`,
      });
    });
    afterAll(() => pool.end());

    describeIdempotencyStore(
      `PostgresIdempotencyStore where the default is ${level}`,
      () => new PostgresIdempotencyStore(pool, { schema, timeout: 60_000 }),
    );
  }
});

describeWithOwnPostgres('through PgBouncer in transaction mode [pitfall 43]', () => {
  describeWithPgBouncer('with few server connections', () => {
    let postgres: PostgresServer;
    let bouncer: { url: string; server: ServerProcess };
    let pool: pg.Pool;
    beforeAll(async () => {
      postgres = await startPostgres();
      bouncer = await startPgBouncer(postgres.port);
      pool = new pg.Pool({ connectionString: bouncer.url, connectionTimeoutMillis: 60_000 });
    });
    afterAll(async () => {
      await pool.end();
      await bouncer.server.dispose();
      await postgres.server.dispose();
    });

    describeIdempotencyStore(
      'PostgresIdempotencyStore by URL',
      () => new PostgresIdempotencyStore(bouncer.url, { schema: 'by_url', timeout: 60_000 }),
    );
    describeIdempotencyStore(
      'PostgresIdempotencyStore by pool',
      () => new PostgresIdempotencyStore(pool, { schema: 'by_pool', timeout: 60_000 }),
    );
  });
});
