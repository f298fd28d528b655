import { Logger } from '@nestjs/common';
import pg from 'pg';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { PostgresConnection } from '../../../lib/postgres/postgres-connection.js';
import { claimInTheEnd, requestOf, until } from '../../support/claims.js';
import { startFreezingProxy, type FreezingProxy } from '../../support/freezing-proxy.js';
import {
  describeWithOwnPostgres,
  startPostgres,
  type PostgresServer,
} from '../../support/servers/postgres.js';

const TIMEOUT = 200;

/** Whichever timeout is first on a busy machine: the store's, or that of pg's query. */
const TIMED_OUT =
  /^PostgreSQL(: no answer to a statement| has not answered|: timeout exceeded when trying to connect)/;

describeWithOwnPostgres('A network that drops everything', () => {
  let postgres: PostgresServer;
  let proxy: FreezingProxy;
  let schemas = 0;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await startPostgres();
  });
  afterAll(() => postgres.server.dispose());
  beforeEach(async () => {
    proxy = await startFreezingProxy(postgres.port);
  });
  afterEach(() => proxy.close());

  const urlOf = (): string => `postgres://postgres@127.0.0.1:${proxy.port}/postgres`;
  const newStore = (pool: pg.Pool | string, timeout = TIMEOUT): PostgresIdempotencyStore =>
    new PostgresIdempotencyStore(pool, { schema: `silence${(schemas += 1)}`, timeout });
  /** Connections from before the silence stay dead, as behind a NAT that has forgotten them. */
  async function expectToComeBack(store: PostgresIdempotencyStore): Promise<void> {
    await claimInTheEnd(store, 'before');
    proxy.freeze();
    const asked = Array.from({ length: 100 }, (_, index) => store.claim(requestOf(`${index}`)));
    for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
    proxy.thawNew();
    await claimInTheEnd(store, 'after');
  }

  it('is survived by a store made from a URL', async () => {
    const store = newStore(urlOf());
    await expectToComeBack(store);
    await store.close();
  });

  it('is survived by a pool of the caller, with the option that it needs', async () => {
    const pool = new pg.Pool({ connectionString: urlOf(), connectionTimeoutMillis: 1_000 });
    await expectToComeBack(newStore(pool));
    // Does not wait for connections that are dead.
    proxy.close();
    await pool.end();
  });

  it('costs few requests where many connections were idle', async () => {
    const pool = new pg.Pool({
      connectionString: urlOf(),
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 0,
    });
    // The claim after the first refused one has to come through.
    const store = newStore(pool, 1_500);
    await claimInTheEnd(store, 'before');
    const clients = await Promise.all(Array.from({ length: 10 }, () => pool.connect()));
    for (const client of clients) client.release();
    await until(() => pool.idleCount === 10);
    proxy.freeze();
    proxy.thawNew();
    await expect(store.claim(requestOf('a'))).rejects.toThrow(TIMED_OUT);
    await until(() => pool.idleCount === 0);
    expect(await store.claim(requestOf('b'))).toMatchObject({ status: 'claimed' });
    await store.close();
    proxy.close();
    await pool.end();
  });

  it('is named as the cause where a statement gets no answer', async () => {
    const connection = new PostgresConnection(urlOf(), TIMEOUT);
    await until(() => connection.query('SELECT 1'));
    proxy.freeze();
    await expect(connection.query('SELECT 1')).rejects.toThrow(
      `no answer to a statement within ${5 * TIMEOUT} ms`,
    );
    await connection.close();
  });

  it('is not survived by a pool without a bound on connecting, which is refused', async () => {
    const pool = new pg.Pool({ connectionString: urlOf() });
    expect(() => newStore(pool)).toThrow('connectionTimeoutMillis');
    await pool.end();
  });

  it('keeps no claim that came through too late', async () => {
    const store = newStore(urlOf(), 1_000);
    await claimInTheEnd(store, 'before');
    proxy.freeze();
    await expect(store.claim(requestOf('late'))).rejects.toThrow(TIMED_OUT);
    proxy.thaw();
    await claimInTheEnd(store, 'late');
    await store.close();
  });
});
