import { readFileSync } from 'node:fs';
import pg from 'pg';
import { idempotencyStoreContract } from 'nestjs-revrag-webhook/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';
import { SCHEMA, SqlIdempotencyStore } from './sql-store.js';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

it('is the store that docs/write-your-own-store.md shows', () => {
  const document = read('../../../docs/write-your-own-store.md');
  expect(document).toContain(`\`\`\`ts\n${read('sql-store.ts')}\`\`\`\n`);
});

describeWithPostgres('A store on a plain SQL table', () => {
  const server = usePostgres();
  let pool: pg.Pool;
  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: server.url });
    await pool.query(SCHEMA);
  });
  afterAll(() => pool.end());

  for (const { name, run } of idempotencyStoreContract(() => new SqlIdempotencyStore(pool))) {
    it(name, run);
  }
});
