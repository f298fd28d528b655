import pg from 'pg';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { afterAll, beforeAll } from 'vitest';
import { describeWithPostgres, usePostgres } from '../support/servers/postgres.js';
import { describeIdempotencyStore } from './idempotency-store.contract.js';

describeWithPostgres('on PostgreSQL', () => {
  const server = usePostgres();
  let pool: pg.Pool;
  let store: PostgresIdempotencyStore;
  beforeAll(() => {
    pool = new pg.Pool({ connectionString: server.url });
    store = new PostgresIdempotencyStore(pool, { schema: 'contract' });
  });
  afterAll(() => pool.end());

  describeIdempotencyStore('PostgresIdempotencyStore', () => ({
    store,
    pass: ms => new Promise(resolve => setTimeout(resolve, ms)),
  }));
});
