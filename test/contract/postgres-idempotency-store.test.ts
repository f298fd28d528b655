import pg from 'pg';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { afterAll, beforeAll } from 'vitest';
import { describeWithPostgres, usePostgres } from '../support/servers/postgres.js';
import { describeIdempotencyStore } from './idempotency-store.contract.js';

describeWithPostgres('on PostgreSQL', () => {
  const server = usePostgres();
  let pool: pg.Pool;
  beforeAll(() => {
    pool = new pg.Pool({ connectionString: server.url, connectionTimeoutMillis: 5_000 });
  });
  afterAll(() => pool.end());

  // The pool is the caller's: closing the store leaves it open.
  describeIdempotencyStore(
    'PostgresIdempotencyStore',
    () => new PostgresIdempotencyStore(pool, { schema: 'contract' }),
  );
});
