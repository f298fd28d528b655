import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { RevragConfigurationError } from 'nestjs-revrag-webhook';
import { PostgresIdempotencyStore, postgresSchemaSql } from 'nestjs-revrag-webhook/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectToOutliveItsServer } from '../../contract/store-app.contract.js';
import {
  claimInTheEnd,
  claimOf,
  endOf,
  identityOf,
  requestOf,
  until,
} from '../../support/claims.js';
import { startCountingProxy } from '../../support/counting-proxy.js';
import {
  describeWithOwnPostgres,
  startPostgres,
  type PostgresServer,
} from '../../support/servers/postgres.js';
import { freePort } from '../../support/servers/server-process.js';

describeWithOwnPostgres('PostgresIdempotencyStore', () => {
  let postgres: PostgresServer;
  let admin: pg.Pool;
  const stores: PostgresIdempotencyStore[] = [];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await startPostgres();
    admin = new pg.Pool({ connectionString: postgres.url, connectionTimeoutMillis: 60_000 });
    admin.on('error', () => undefined);
  });
  afterAll(async () => {
    for (const store of stores) await store.close();
    await admin.end();
    await postgres.server.dispose();
  });

  let schemas = 0;
  const newSchema = (): string => `s${(schemas += 1)}`;
  const create = (
    options: ConstructorParameters<typeof PostgresIdempotencyStore>[1] = {},
    pool: pg.Pool | string = postgres.url,
  ): PostgresIdempotencyStore => {
    const store = new PostgresIdempotencyStore(pool, { schema: newSchema(), ...options });
    stores.push(store);
    return store;
  };
  const count = async (table: string): Promise<number> =>
    Number((await admin.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]!.n);

  const updates = async (schema: string): Promise<{ all: string; hot: string }> => {
    const { rows } = await admin.query<{ all: string; hot: string }>(
      `SELECT n_tup_upd AS all, n_tup_hot_upd AS hot FROM pg_stat_user_tables
       WHERE schemaname = $1 AND relname = 'revrag_deliveries'`,
      [schema],
    );
    return rows[0]!;
  };

  it('needs two round trips for a delivery, whatever id it comes under', async () => {
    const proxy = await startCountingProxy(postgres.port);
    const counted = create({}, postgres.url.replace(String(postgres.port), String(proxy.port)));
    await endOf(counted, await claimOf(counted, 'first'));
    // The sweep that follows the first claim may still be under way.
    await until(async () => {
      proxy.roundTrips = 0;
      await endOf(counted, await claimOf(counted, `a-${Math.random()}`));
      return proxy.roundTrips === 2;
    });
    proxy.roundTrips = 0;
    const renamed = requestOf('first', { identity: identityOf('first', 'first', 'another id') });
    expect(await counted.claim(renamed)).toMatchObject({ status: 'completed' });
    expect(proxy.roundTrips).toBe(1);
    await counted.close();
    await proxy.close();
  });

  describe('its tables', () => {
    it('are made once by many instances that boot at once', async () => {
      const schema = newSchema();
      const instances = Array.from({ length: 8 }, () => create({ schema }));
      const results = await Promise.all(instances.map(store => store.claim(requestOf('a'))));
      expect(results.filter(({ status }) => status === 'claimed')).toHaveLength(1);
      for (const instance of instances) await instance.close();
    });

    it('have names that need no care', async () => {
      const names = { schema: `a "b'c;--`, table: `Ünï'"$1` };
      const store = create(names);
      await endOf(store, await claimOf(store, 'a'));
      expect(await store.claim(requestOf('a'))).toMatchObject({ status: 'completed' });
      expect(await count(`"a ""b'c;--"."Ünï'""$1"`)).toBe(1);
    });

    it('are in the first schema of the search path unless told', async () => {
      const store = create({ schema: undefined });
      await claimOf(store, 'a');
      expect(await count('public.revrag_deliveries')).toBe(1);
    });

    it('can be made by hand, and again, and by a role that may do no more than use them', async () => {
      const schema = newSchema();
      for (let times = 0; times < 2; times += 1) await admin.query(postgresSchemaSql({ schema }));
      await admin.query(`CREATE ROLE app_${schema} LOGIN;
        GRANT USAGE ON SCHEMA ${schema} TO app_${schema};
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO app_${schema}`);
      const url = postgres.url.replace('postgres@', `app_${schema}@`);
      for (const migrate of [false, true]) {
        const store = create({ schema, migrate }, url);
        expect(await endOf(store, await claimOf(store, `a-${migrate}`))).toBe(true);
      }
    });

    it('are missed with a message, and found once they are there', async () => {
      const schema = newSchema();
      const store = create({ schema, migrate: false });
      await expect(store.claim(requestOf('a'))).rejects.toThrow('do not exist');
      await admin.query(postgresSchemaSql({ schema }));
      await claimOf(store, 'a');
    });

    it.each([
      ['a database that was replaced', 'DROP SCHEMA :schema CASCADE'],
      ['a copy of the tables', 'DROP FUNCTION :schema.revrag_deliveries_claim'],
      ['a copy of the tables', 'DROP FUNCTION :schema.revrag_deliveries_progress'],
    ])('are made again in %s: %s', async (_where, loss) => {
      const schema = newSchema();
      const store = create({ schema });
      const claim = await claimOf(store, 'before');
      await admin.query(loss.replace(':schema', schema));
      const next = (): Promise<boolean> => endOf(store, claim);
      await expect(Promise.all([next(), store.claim(requestOf('a'))])).rejects.toThrow(
        'do not exist. The next operation creates them.',
      );
      expect(await next()).toBe(true);
      expect(await store.claim(requestOf('before'))).toMatchObject({ status: 'completed' });
      await admin.query(postgresSchemaSql({ schema }));
    });

    it('are made again by hand, as far as they are missing', async () => {
      const schema = newSchema();
      const store = create({ schema, migrate: false });
      await admin.query(postgresSchemaSql({ schema }));
      await endOf(store, await claimOf(store, 'a'));
      await admin.query(`DROP FUNCTION ${schema}.revrag_deliveries_claim`);
      await expect(store.claim(requestOf('b'))).rejects.toThrow(
        'Run the SQL of postgresSchemaSql()',
      );
      await admin.query(postgresSchemaSql({ schema }));
      expect(await store.claim(requestOf('a'))).toMatchObject({ status: 'completed' });
    });

    it('are swept of what has expired', async () => {
      const schema = newSchema();
      await admin.query(postgresSchemaSql({ schema }));
      const past = `now() - interval '1 second' FROM generate_series(1, 1200) AS i`;
      await admin.query(`
        INSERT INTO ${schema}.revrag_deliveries (call, key, names, fence, expires_at)
          SELECT i::text::bytea, '', '', 1, ${past};
        INSERT INTO ${schema}.revrag_deliveries_effects SELECT i::text::bytea, ${past}`);
      const store = create({ schema });
      await claimOf(store, 'a');
      for (const [table, left] of [
        ['', 1],
        ['_effects', 0],
      ] as const) {
        await until(
          () => count(`${schema}.revrag_deliveries${table}`),
          rows => rows === left,
        );
      }
    });

    it.each(['deliveries', 'effects'])('have an index for the sweep of %s', async name => {
      const table = name === 'effects' ? '_effects' : '';
      const schema = newSchema();
      await admin.query(postgresSchemaSql({ schema }));
      const client = await admin.connect();
      await client.query('SET enable_seqscan = off');
      const { rows } = await client.query(
        `EXPLAIN SELECT FROM ${schema}.revrag_deliveries${table} WHERE expires_at <= now()`,
      );
      client.release(true);
      expect(JSON.stringify(rows)).toContain(`revrag_deliveries_${name}_expiry`);
    });

    it('are no others of that name: those of an earlier version, or of somebody else', async () => {
      for (const comment of [`'nestjs-revrag-webhook 1'`, 'NULL']) {
        const schema = newSchema();
        await admin.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.revrag_deliveries (a int);
          COMMENT ON TABLE ${schema}.revrag_deliveries IS ${comment}`);
        const store = create({ schema });
        await expect(store.claim(requestOf('a'))).rejects.toThrow('not of this version');
        const byHand = admin.query(postgresSchemaSql({ schema }));
        await expect(byHand).rejects.toThrow('not of this version');
        await admin.query(`DROP TABLE ${schema}.revrag_deliveries`);
        await claimOf(store, 'a');
      }
    });

    it('take little room, and no new index entry for the end of a claim', async () => {
      const schema = newSchema();
      const store = create({ schema, timeout: 10_000 });
      const remember = (turn: number): Promise<unknown> =>
        Promise.all(
          Array.from({ length: 50 }, async (_, index) =>
            endOf(store, await claimOf(store, `${turn}-${index}`)),
          ),
        );
      for (let turn = 0; turn < 40; turn += 1) await remember(turn);
      // Counted by the server a little later.
      const { all, hot } = await until(
        () => updates(schema),
        counted => Number(counted.all) > 500,
      );
      expect(Number(hot) / Number(all)).toBeGreaterThan(0.9);
      await admin.query(`VACUUM FULL ${schema}.revrag_deliveries`);
      const { rows } = await admin.query<{ bytes: string }>(
        `SELECT pg_total_relation_size('${schema}.revrag_deliveries') AS bytes`,
      );
      // Without what updates leave behind until the next vacuum: then it is about 225.
      expect(Number(rows[0]!.bytes) / 2_000).toBeLessThan(230);
    });
  });

  it('closes what it opened, and leaves the pool of the caller open', async () => {
    const connections = () =>
      count(`pg_stat_activity WHERE application_name = 'closing' AND state IS NOT NULL`);
    const store = create({}, `${postgres.url}?application_name=closing`);
    await claimOf(store, 'a');
    expect(await connections()).toBeGreaterThan(0);
    await store.close();
    await store.close();
    await until(connections, open => open === 0);
    await expect(store.claim(requestOf('b'))).rejects.toThrow('Make one for each app');
    const listeners = admin.listenerCount('error');
    const shared = create({}, admin);
    await claimOf(shared, 'b');
    expect(admin.listenerCount('error')).toBe(listeners + 1);
    await shared.close();
    expect(admin.listenerCount('error')).toBe(listeners);
    expect(await count('pg_class')).toBeGreaterThan(0);
  });

  it('does not wait longer than it should for one that is slow, and keeps no late claim', async () => {
    const schema = newSchema();
    const pool = new pg.Pool({ connectionString: postgres.url, connectionTimeoutMillis: 5_000 });
    for (const given of [postgres.url, pool]) {
      const store = create({ schema, timeout: 300 }, given);
      await until(() => store.migrate().then(() => true));
      const locker = await admin.connect();
      await locker.query(`BEGIN; LOCK TABLE ${schema}.revrag_deliveries`);
      try {
        const asked = Array.from({ length: 100 }, (_, i) => store.claim(requestOf(`${i}`)));
        for (const each of await Promise.allSettled(asked)) expect(each.status).toBe('rejected');
        await expect(store.claim(requestOf('b'))).rejects.toThrow(/^PostgreSQL/);
      } finally {
        await locker.query('ROLLBACK');
        locker.release();
      }
      const free = await until(
        () => store.claim(requestOf('0')),
        ({ status }) => status === 'claimed',
      );
      const { claim } = free as Extract<typeof free, { status: 'claimed' }>;
      await until(() => endOf(store, claim, []));
      await store.close();
    }
    await pool.end();
  });

  it('acknowledges nothing on a server that is read-only, until it is not', async () => {
    const store = create();
    const held = await claimOf(store, 'held');
    await admin.query('ALTER SYSTEM SET default_transaction_read_only = on');
    await admin.query('SELECT pg_reload_conf()');
    try {
      // The reload reaches each connection in its own time.
      const refusal = () =>
        store.claim(requestOf('a')).then(
          ({ status }): string => status,
          (error: unknown) => String(error),
        );
      await until(refusal, answer => /read-only|25006/.test(answer));
      await expect(endOf(store, held)).rejects.toThrow(/read-only|25006/);
    } finally {
      const client = new pg.Client(postgres.url);
      await client.connect();
      await client.query('SET default_transaction_read_only = off');
      await client.query('ALTER SYSTEM RESET default_transaction_read_only');
      await client.query('SELECT pg_reload_conf()');
      await client.end();
    }
    await until(() => endOf(store, held));
    await claimOf(store, 'b');
  });

  it('comes back on its own, with a pool of its own and with the pool of the caller', async () => {
    const pool = new pg.Pool({ connectionString: postgres.url, connectionTimeoutMillis: 5_000 });
    for (const given of [postgres.url, pool]) {
      const store = create({ timeout: 500 }, given);
      const held = await claimInTheEnd(store, 'held');
      await postgres.server.kill();
      await expect(store.claim(requestOf('a'))).rejects.toThrow(/^PostgreSQL/);
      await postgres.server.start();
      await claimInTheEnd(store, 'a');
      await until(() => endOf(store, held));
      await store.close();
    }
    await pool.end();
  });

  it('lets an app outlive a restart of PostgreSQL', async () => {
    await expectToOutliveItsServer(create({ timeout: 500 }), postgres.server);
  });

  it('takes calls, bodies and ids of any form', async () => {
    const odd = create();
    for (const text of ['a\0b', '\uD800', '', "'; --", 'x'.repeat(10_000)]) {
      await endOf(odd, await claimOf(odd, text));
      expect(await odd.claim(requestOf(text))).toMatchObject({ status: 'completed' });
    }
  });

  it('keeps passwords out of what it says', async () => {
    for (const url of [
      'postgres//:hunter2@127.0.0.1',
      'hunter2',
      'postgres://u:hunter2@h:99999/d',
    ]) {
      const make = (): unknown => new PostgresIdempotencyStore(url);
      expect(make).toThrow(RevragConfigurationError);
      expect(make).not.toThrow('hunter2');
    }
    const away = `postgres://user:hunter2@127.0.0.1:${await freePort()}/postgres`;
    for (const url of [away, postgres.url.replace('postgres@', 'nobody:hunter2@')]) {
      const error: unknown = await create({ timeout: 500 }, url)
        .claim(requestOf('a'))
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(String((error as Error).stack)).not.toContain('hunter2');
    }
  });

  it('keeps passwords out of what is seen of it', async () => {
    const own = create({}, 'postgres://user:hunter2@127.0.0.1/postgres');
    const seen = inspect(own, { depth: Infinity, showHidden: true }) + JSON.stringify(own);
    expect(seen).toContain('timeout');
    expect(seen).not.toContain('hunter2');
    await own.close();
  });

  it('says what is wrong with its options', () => {
    expect(() => new PostgresIdempotencyStore(undefined as never)).toThrow('environment variable');
    expect(() => create({ table: 'x'.repeat(60) })).toThrow('table');
    expect(() => create({ schema: '' })).toThrow('schema');
    for (const timeout of [0, NaN, Infinity, 2 ** 31, '500' as never]) {
      expect(() => create({ timeout })).toThrow('timeout must be');
    }
    expect(() => create({ tableName: 'mine' } as object)).toThrow('no option tableName.');
  });
});
