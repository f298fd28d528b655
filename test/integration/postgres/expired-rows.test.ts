import { Logger } from '@nestjs/common';
import pg from 'pg';
import { PostgresIdempotencyStore, postgresSchemaSql } from 'nestjs-revrag-webhook/postgres';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ExpiredRows } from '../../../lib/postgres/expired-rows.js';
import { PostgresConnection } from '../../../lib/postgres/postgres-connection.js';
import { claimOf, until } from '../../support/claims.js';
import {
  describeWithOwnPostgres,
  startPostgres,
  type PostgresServer,
} from '../../support/servers/postgres.js';

/** SWEEP_ROWS=2000000 takes minutes. */
const ROWS = Number(process.env.SWEEP_ROWS ?? 60_000);
const BATCH = 500;
const TABLE = 'public.revrag_deliveries';

describeWithOwnPostgres('Expired rows', () => {
  let postgres: PostgresServer;
  let admin: pg.Pool;
  let connection: PostgresConnection;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    // Nothing but the sweep cleans up.
    postgres = await startPostgres({ settings: { autovacuum: 'off' } });
    admin = new pg.Pool({ connectionString: postgres.url });
    connection = new PostgresConnection(postgres.url, 60_000);
    await admin.query(postgresSchemaSql());
  });
  afterAll(async () => {
    await connection.close();
    await admin.end();
    await postgres.server.dispose();
  });

  /** What the server has read of the index, in pages. */
  const pagesRead = async (): Promise<number> => {
    const { rows } = await admin.query<{ n: string }>(
      `SELECT idx_blks_read + idx_blks_hit AS n FROM pg_statio_user_tables
       WHERE relname = 'revrag_deliveries'`,
    );
    return Number(rows[0]!.n);
  };

  it(
    `are removed at the same cost to the last of ${ROWS}, while a long transaction is open`,
    { timeout: 120_000 + ROWS },
    async () => {
      await admin.query(`INSERT INTO ${TABLE} (call, key, names, fence, expires_at)
        SELECT i::text::bytea, '', '', 1, now() - i * interval '1 millisecond' - interval '1 minute'
        FROM generate_series(1, ${ROWS}) AS i`);
      await admin.query(`VACUUM ANALYZE ${TABLE}`);
      // One transaction that needs what is removed from now on.
      const old = await admin.connect();
      await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await old.query(`SELECT count(*) FROM ${TABLE}`);
      const sweeps = 4;
      const rows = new ExpiredRows(connection, [TABLE], Math.ceil(ROWS / BATCH / sweeps));
      const pages: number[] = [];
      for (let sweep = 0; sweep < sweeps; sweep += 1) {
        const before = await pagesRead();
        await rows.sweep();
        // Counted by the server a little later; asked for at once from PostgreSQL 15 on.
        await connection.query('SELECT pg_stat_force_next_flush()').catch(() => undefined);
        await connection.query('SELECT 1');
        pages.push((await pagesRead()) - before);
      }
      const { rows: left } = await admin.query<{ n: string }>(`SELECT count(*) AS n FROM ${TABLE}`);
      expect(left).toEqual([{ n: '0' }]);
      expect(pages.at(-1)!).toBeLessThan(2 * pages[0]! + 100);
      await old.query('COMMIT');
      old.release();
    },
  );

  it('are removed at last when they were locked before', async () => {
    await admin.query(`INSERT INTO ${TABLE} (call, key, names, fence, expires_at)
      SELECT i::text::bytea, '', '', 1, now() - i * interval '1 minute' FROM generate_series(1, 3) AS i`);
    const left = async (): Promise<string[]> =>
      (await admin.query<{ call: Buffer }>(`SELECT call FROM ${TABLE}`)).rows.map(({ call }) =>
        call.toString(),
      );
    const other = await admin.connect();
    await other.query('BEGIN');
    await other.query(`SELECT FROM ${TABLE} WHERE call = '3' FOR UPDATE`);
    const rows = new ExpiredRows(connection, [TABLE]);
    await rows.sweep();
    expect(await left()).toEqual(['3']);
    await other.query('ROLLBACK');
    other.release();
    for (let sweep = 1; sweep <= 60; sweep += 1) await rows.sweep();
    expect(await left()).toEqual([]);
  });

  it('are looked for once a minute at most', async () => {
    let sweeps = 0;
    const counted = {
      query: (text: string, values?: unknown[]) => {
        sweeps += 1;
        return connection.query(text, values);
      },
    };
    const rows = new ExpiredRows(counted as PostgresConnection, [TABLE]);
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      for (const [pass, expected] of [
        [0, 1],
        [0, 1],
        [59_999, 1],
        [1, 2],
        [60_000, 3],
      ] as const) {
        vi.advanceTimersByTime(pass);
        rows.sweepIfDue();
        expect(sweeps).toBe(expected);
      }
    } finally {
      vi.useRealTimers();
    }
    await rows.stop();
  });

  it('are removed no further once the store closes, which waits for the batch in progress', async () => {
    const pool = new pg.Pool({ connectionString: postgres.url, connectionTimeoutMillis: 60_000 });
    const schema = 'closing';
    const store = new PostgresIdempotencyStore(pool, { schema, timeout: 60_000 });
    await store.migrate();
    await admin.query(`INSERT INTO ${schema}.revrag_deliveries_effects (key, expires_at)
      SELECT i::text::bytea, now() - interval '1 minute' FROM generate_series(1, ${2 * BATCH}) AS i`);
    const locker = await admin.connect();
    await locker.query(`BEGIN; LOCK TABLE ${schema}.revrag_deliveries_effects`);
    await claimOf(store, 'a');
    const isBlocked = async (): Promise<boolean> => {
      const { rowCount } = await admin.query(
        `SELECT 1 FROM pg_locks WHERE relation = '${schema}.revrag_deliveries_effects'::regclass
         AND NOT granted`,
      );
      return rowCount === 1;
    };
    await until(isBlocked);
    let isClosed = false;
    const closed = store.close().then(() => (isClosed = true));
    expect(await isBlocked()).toBe(true);
    expect(isClosed).toBe(false);
    await locker.query('COMMIT');
    locker.release();
    await closed;
    const { rows } = await admin.query(
      `SELECT count(*)::int AS left FROM ${schema}.revrag_deliveries_effects`,
    );
    expect(rows).toEqual([{ left: BATCH }]);
    await pool.end();
  });
});
