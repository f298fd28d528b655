import { Logger } from '@nestjs/common';
import pg from 'pg';
import { Delivery, RevragConfigurationError, VerifiedDelivery } from 'nestjs-revrag-webhook';
import { PostgresIdempotencyStore, postgresSchemaSql } from 'nestjs-revrag-webhook/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectToOutliveItsServer } from '../../contract/store-app.contract.js';
import { claimOf, LONG, requestOf, until } from '../../support/claims.js';
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
    admin = new pg.Pool({ connectionString: postgres.url });
    admin.on('error', () => undefined);
  }, 60_000);
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

  it('needs two round trips for a delivery, whatever id it comes under', async () => {
    const proxy = await startCountingProxy(postgres.port);
    const counted = create({}, postgres.url.replace(String(postgres.port), String(proxy.port)));
    await counted.complete(await claimOf(counted, 'first', { macs: ['m'] }), LONG);
    // The sweep that follows the first claim may still be under way.
    await until(async () => {
      proxy.roundTrips = 0;
      await counted.complete(await claimOf(counted, `a-${Math.random()}`), LONG);
      return proxy.roundTrips === 2;
    });
    proxy.roundTrips = 0;
    expect(await counted.claim(requestOf('b', { macs: ['m'] }))).toMatchObject({ id: 'first' });
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
      await store.complete(await claimOf(store, 'a'), LONG);
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
        expect(await store.complete(await claimOf(store, `a-${migrate}`), LONG)).toBe(true);
      }
    });

    it('are missed with a message, and found once they are there', async () => {
      const schema = newSchema();
      const store = create({ schema, migrate: false });
      await expect(store.claim(requestOf('a'))).rejects.toThrow('DatabaseError 42P01');
      await admin.query(postgresSchemaSql({ schema }));
      await claimOf(store, 'a');
    });

    it('are swept of what has expired', async () => {
      const schema = newSchema();
      await admin.query(postgresSchemaSql({ schema }));
      const past = `now() - interval '1 second' FROM generate_series(1, 1200) AS i`;
      await admin.query(`
        INSERT INTO ${schema}.revrag_deliveries (key, endpoint, id, expires_at) SELECT i, '', '', ${past};
        INSERT INTO ${schema}.revrag_deliveries_macs SELECT i, '', '', '', ${past};
        INSERT INTO ${schema}.revrag_deliveries_effects SELECT i, ${past}`);
      const store = create({ schema });
      await claimOf(store, 'a');
      for (const [table, left] of [
        ['', 1],
        ['_macs', 1],
        ['_effects', 0],
      ] as const) {
        await until(
          () => count(`${schema}.revrag_deliveries${table}`),
          rows => rows === left,
        );
      }
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
    await expect(store.claim(requestOf('b'))).rejects.toThrow('closed');
    const shared = create({}, admin);
    await claimOf(shared, 'b');
    await shared.close();
    expect(await count('pg_class')).toBeGreaterThan(0);
  });

  it('does not wait longer than it should for one that is slow, and keeps no late claim', async () => {
    const schema = newSchema();
    const pool = new pg.Pool({ connectionString: postgres.url });
    for (const given of [postgres.url, pool]) {
      const store = create({ schema, timeout: 300 }, given);
      await store.migrate();
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
      if (free.status === 'claimed') await store.release(free.claim, [], LONG);
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
      await until(refusal, answer => answer.includes('read-only'));
      await expect(store.complete(held, LONG)).rejects.toThrow('DatabaseError 25006');
    } finally {
      const client = new pg.Client(postgres.url);
      await client.connect();
      await client.query('SET default_transaction_read_only = off');
      await client.query('ALTER SYSTEM RESET default_transaction_read_only');
      await client.query('SELECT pg_reload_conf()');
      await client.end();
    }
    await until(() => store.complete(held, LONG));
    await claimOf(store, 'b');
  });

  it('comes back on its own, with a pool of its own and with the pool of the caller', async () => {
    const pool = new pg.Pool({ connectionString: postgres.url });
    for (const given of [postgres.url, pool]) {
      const store = create({ timeout: 500 }, given);
      const held = await claimOf(store, 'held');
      await postgres.server.kill();
      await expect(store.claim(requestOf('a'))).rejects.toThrow(/^PostgreSQL/);
      await postgres.server.start();
      await until(
        () => store.claim(requestOf('a')),
        ({ status }) => status === 'claimed',
      );
      expect(await store.complete(held, LONG)).toBe(true);
      await store.close();
    }
    await pool.end();
  });

  it('lets an app outlive a restart of PostgreSQL', async () => {
    await expectToOutliveItsServer(create({ timeout: 500 }), postgres.server);
  });

  it('notes an effect in the transaction of its handler, once', async () => {
    const store = create();
    const delivery = new Delivery(
      new VerifiedDelivery('evt_1', 'call.ended', new Date(), 'default', Buffer.from('{}')),
    );
    const [first, second] = [await admin.connect(), await admin.connect()];
    const note = (client: pg.ClientBase, handlerId = 'H.one') =>
      store.recordEffect(client, delivery, handlerId);
    try {
      for (const client of [first, second]) await client.query('BEGIN');
      expect(await note(first)).toBe(true);
      expect(await note(second, 'H.two')).toBe(true);
      const waiting = note(second);
      await first.query('ROLLBACK');
      expect(await waiting).toBe(true);
      await second.query('COMMIT');
      expect([await note(first), await note(first, 'H.two')]).toEqual([false, false]);
      expect(await store.recordEffect(first, delivery, 'H.brief', 1)).toBe(true);
      await until(() => store.recordEffect(first, delivery, 'H.brief', LONG));
    } finally {
      first.release();
      second.release();
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

  it('says what is wrong with its options', () => {
    expect(() => new PostgresIdempotencyStore(undefined as never)).toThrow('environment variable');
    expect(() => create({ table: 'x'.repeat(60) })).toThrow('table');
    expect(() => create({ schema: '' })).toThrow('schema');
    expect(() => create({ timeout: 0 })).toThrow('timeout');
  });
});
