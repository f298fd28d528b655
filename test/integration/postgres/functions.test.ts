import pg from 'pg';
import type { Claim, ClaimRequest } from 'nestjs-revrag-webhook';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { bytesOf } from '../../../lib/postgres/digests.js';
import {
  LONG,
  claimInTheEnd,
  claimOf,
  endOf,
  identityOf,
  requestOf,
  until,
} from '../../support/claims.js';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';

interface Row {
  readonly names: Buffer;
  readonly finished: Buffer;
  /** Milliseconds from now. */
  readonly lease: number | null;
  readonly expiry: number;
}

const SECOND = 1_000;
/** What a busy machine may take between a statement and the next. */
const SLACK = 60 * SECOND;
const RETENTION = 16 * 60 * 60 * SECOND;

describeWithPostgres('The functions of PostgresIdempotencyStore', () => {
  const server = usePostgres();
  let pool: pg.Pool;
  let store: PostgresIdempotencyStore;
  const schema = 'functions';

  beforeAll(() => {
    pool = new pg.Pool({ connectionString: server.url, connectionTimeoutMillis: 60_000 });
    store = new PostgresIdempotencyStore(pool, { schema, timeout: 60 * SECOND });
    return store.migrate();
  });
  afterAll(async () => {
    await store.close();
    await pool.end();
  });

  const rowOf = async (claim: Claim): Promise<Row> => {
    const left = (column: string) => `EXTRACT(epoch FROM ${column} - clock_timestamp()) * 1000`;
    const { rows } = await pool.query<Row>(
      `SELECT names, finished, (${left('lease_until')})::float8 AS lease, (${left('expires_at')})::float8 AS expiry
       FROM ${schema}.revrag_deliveries WHERE call = $1 AND key = $2`,
      [bytesOf(claim.identity.call), bytesOf(claim.key)],
    );
    expect(rows).toHaveLength(1);
    return rows[0]!;
  };
  const expectAbout = (actual: number | null, expected: number): void => {
    expect(actual).toBeLessThanOrEqual(expected);
    expect(actual).toBeGreaterThan(expected - SLACK);
  };
  /** A store whose operations are part of a transaction, and hold its locks until it is committed. */
  const inTransaction = async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    onTestFinished(async () => {
      await client.query('ROLLBACK');
      client.release();
    });
    const own = {
      query: (query: pg.QueryConfig) => client.query(query),
      connect: () => pool.connect(),
      on: () => undefined,
      off: () => undefined,
    };
    const inside = new PostgresIdempotencyStore(own, { schema, timeout: 60 * SECOND });
    return { store: inside, commit: () => client.query('COMMIT') };
  };
  const waiting = async (): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0]!.n;
  };
  const brief: Partial<ClaimRequest> = { lease: 1, handlerIds: ['A', 'B'] };

  it('give the next owner what the last one records at the same time', async () => {
    const first = await claimOf(store, 'recorded', brief);
    const other = await inTransaction();
    await other.store.record(first, { handlerIds: ['A'], retention: LONG });
    const claim = until(
      () => store.claim(requestOf('recorded', brief)),
      ({ status }) => status === 'claimed',
    );
    await until(waiting);
    await other.commit();
    expect(await claim).toMatchObject({ finished: ['A'] });
  });

  it('let an owner end no claim of another that comes at the same time, and record what it did', async () => {
    const first = await claimOf(store, 'taken', brief);
    const other = await inTransaction();
    await until(
      () => other.store.claim(requestOf('taken')),
      ({ status }) => status === 'claimed',
    );
    const late = endOf(store, first);
    await until(waiting);
    await other.commit();
    expect(await late).toBe(false);
    const rest = { ...requestOf('taken'), handlerIds: ['B'] };
    expect(await store.claim(rest)).toMatchObject({ status: 'in_progress' });
    expect(await store.claim(requestOf('taken'))).toMatchObject({ status: 'completed' });
  });

  it('count a lease from when the claim is given', async () => {
    const other = await inTransaction();
    await claimOf(other.store, 'lease', { identity: identityOf('lease', 'b1', 'i1') });
    const lease = 60 * SECOND;
    const claim = claimOf(store, 'lease', { identity: identityOf('lease', 'b2', 'i2'), lease });
    await until(waiting);
    const { rows } = await pool.query<{ now: string }>('SELECT clock_timestamp()::text AS now');
    await other.commit();
    await claim;
    const { rows: later } = await pool.query<{ ok: boolean }>(
      `SELECT max(lease_until) FILTER (WHERE lease_until < $1::timestamptz + interval '5 minutes')
         >= $1::timestamptz + interval '60 seconds' AS ok FROM ${schema}.revrag_deliveries`,
      [rows[0]!.now],
    );
    expect(later).toEqual([{ ok: true }]);
  });

  it.each(['repeatable read', 'serializable'])(
    'see what was claimed while they waited, where the default is %s',
    async level => {
      const strict = new pg.Pool({
        connectionString: server.url,
        connectionTimeoutMillis: 60_000,
        options: `-c default_transaction_isolation=${level.replace(' ', '\\ ')}`,
      });
      const isolated = new PostgresIdempotencyStore(strict, { schema, timeout: 60 * SECOND });
      const other = await inTransaction();
      await claimOf(other.store, level, { identity: identityOf(level, 'b1', 'same id') });
      const identity = identityOf(level, 'b2', 'same id');
      const claim = isolated.claim(requestOf(level, { identity }));
      await until(waiting);
      await other.commit();
      expect(await claim).toMatchObject({ status: 'in_progress' });
      await isolated.close();
      await strict.end();
    },
  );

  it('leave no session behind that a failed transaction has used', async () => {
    const single = new pg.Pool({
      connectionString: server.url,
      max: 1,
      connectionTimeoutMillis: 60_000,
      options: '-c default_transaction_isolation=serializable',
    });
    const hasty = new PostgresIdempotencyStore(single, { schema, timeout: 500 });
    await until(() => claimOf(hasty, `serializable-${Math.random()}`));
    const other = await inTransaction();
    await claimOf(other.store, 'serializable');
    await expect(hasty.claim(requestOf('serializable'))).rejects.toThrow('PostgreSQL');
    await until(waiting, count => count === 0);
    await claimInTheEnd(hasty, 'another');
    await hasty.close();
    await single.end();
  });

  it('wait for a lock no longer than their caller, and leave its session as it was', async () => {
    const single = new pg.Pool({
      connectionString: server.url,
      max: 1,
      connectionTimeoutMillis: 60_000,
    });
    const hasty = new PostgresIdempotencyStore(single, { schema, timeout: 500 });
    await until(() => claimOf(hasty, `hasty-${Math.random()}`));
    const { rows } = await single.query<{ lock_timeout: string }>('SHOW lock_timeout');
    expect(rows[0]!.lock_timeout).toBe('0');
    const other = await inTransaction();
    await claimOf(other.store, 'locked');
    await expect(hasty.claim(requestOf('locked'))).rejects.toThrow(/PostgreSQL|lock timeout/);
    await until(waiting, count => count === 0);
    await hasty.close();
    await single.end();
  });

  it('keep sixteen names of eight bytes, and none twice', async () => {
    const claim = await claimOf(store, 'names', { identity: identityOf('names', 'b1', 'i1') });
    expect((await rowOf(claim)).names).toHaveLength(8);
    await endOf(store, claim);
    await store.claim(requestOf('names', { identity: identityOf('names', 'b2', 'i1') }));
    expect((await rowOf(claim)).names).toHaveLength(16);
    for (let index = 0; index < 20; index += 1) {
      const identity = identityOf('names', 'b1', `again-${index}`);
      await store.claim(requestOf('names', { identity }));
    }
    expect((await rowOf(claim)).names).toHaveLength(128);
  });

  it('note a finished handler once', async () => {
    const claim = await claimOf(store, 'once', { handlerIds: ['A', 'B'] });
    await store.record(claim, { handlerIds: ['A'], retention: LONG });
    await endOf(store, claim, ['A', 'B']);
    expect((await rowOf(claim)).finished).toHaveLength(16);
  });

  it('remember a claimed delivery a sixteenth longer, so that its end changes no index', async () => {
    const lease = 2 * 60 * SECOND;
    const claim = await claimOf(store, 'expiry', { lease, retention: RETENTION });
    const claimed = await rowOf(claim);
    expectAbout(claimed.lease, lease);
    expectAbout(claimed.expiry, (RETENTION * 17) / 16);
    await store.end(claim, { handlerIds: [], retention: RETENTION });
    const ended = await rowOf(claim);
    expect(ended.lease).toBeNull();
    expectAbout(ended.expiry, (RETENTION * 17) / 16);
  });

  it.each([
    ['shorter', RETENTION / 2],
    ['longer', RETENTION * 2],
  ])('remember it for as long as its end asks where that is %s', async (name, retention) => {
    const claim = await claimOf(store, name, { retention: RETENTION });
    await store.end(claim, { handlerIds: [], retention });
    expectAbout((await rowOf(claim)).expiry, retention);
  });

  it.each([
    ['within', 1.05, 1.05 * (17 / 16)],
    ['beyond', 1.07, 1],
  ])(
    'leave an expiry or not that is %s an eighth of what the end asks for',
    async (name, more, expected) => {
      const claim = await claimOf(store, name, { retention: more * RETENTION });
      await store.end(claim, { handlerIds: [], retention: RETENTION });
      expectAbout((await rowOf(claim)).expiry, expected * RETENTION);
    },
  );

  it('remember what is claimed again for as long as the last claim asks', async () => {
    await endOf(store, await claimOf(store, 'again'));
    const claim = await claimOf(store, 'again', { handlerIds: ['B'], retention: RETENTION });
    expectAbout((await rowOf(claim)).expiry, (RETENTION * 17) / 16);
    const asked = await store.claim(requestOf('again', { handlerIds: ['B'] }));
    expectAbout((asked as { retryAfter: number }).retryAfter, LONG);
  });

  it('remember it for as long as it is claimed', async () => {
    const claim = await claimOf(store, 'held', { lease: RETENTION, retention: LONG });
    expectAbout((await rowOf(claim)).expiry, RETENTION);
    await store.record(claim, { handlerIds: [], retention: LONG });
    expectAbout((await rowOf(claim)).expiry, RETENTION);
    await store.renew(claim, 2 * RETENTION);
    expectAbout((await rowOf(claim)).expiry, 2 * RETENTION);
    await store.renew(claim, LONG);
    expectAbout((await rowOf(claim)).expiry, 2 * RETENTION);
    expectAbout((await rowOf(claim)).lease, LONG);
  });

  it('count fences by the clock of the server, and on from those of what has expired', async () => {
    const before = Date.now();
    const { fence } = await claimOf(store, 'fence');
    expect(fence).toBeGreaterThanOrEqual(before);
    expect(fence).toBeLessThanOrEqual(Date.now());
    const token = '00000000-0000-4000-8000-000000000000';
    const old = { identity: identityOf('old'), key: identityOf('old').body, token, fence: 1 };
    expect(await endOf(store, old, [])).toBe(true);
    const { fence: second } = await claimOf(store, 'old');
    expect(second).toBeGreaterThanOrEqual(before);
    expect(second).toBeLessThanOrEqual(Date.now());
    const identity = identityOf('ahead');
    const ahead = fence + RETENTION;
    const lost = { identity, key: identity.body, token, fence: ahead };
    expect(await store.end(lost, { handlerIds: [], retention: 1 })).toBe(true);
    expect((await claimInTheEnd(store, 'ahead')).fence).toBe(ahead + 1);
    // A late claim raises the fence of a delivery, and never lowers it.
    const ended = await claimOf(store, 'ended');
    const late = { ...ended, token, fence: ended.fence + RETENTION };
    for (const stale of [ended, late, { ...late, fence: 1 }]) {
      expect(await endOf(store, stale, [])).toBe(true);
    }
    expect((await claimOf(store, 'ended')).fence).toBe(late.fence + 1);
  });
});
