import 'reflect-metadata';
import { sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import knex from 'knex';
import { CompiledQuery, Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { RevragConfigurationError } from 'nestjs-revrag-webhook';
import {
  PostgresIdempotencyStore,
  postgresJson,
  postgresText,
  type EffectRunner,
} from 'nestjs-revrag-webhook/postgres';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LONG, until } from '../../support/claims.js';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';

/** Runs work in a transaction of a tool, which is rolled back if it throws. */
type InTransaction = (work: (run: EffectRunner) => Promise<void>) => Promise<void>;

interface Tool {
  readonly inTransaction: InTransaction;
  readonly close: () => Promise<void>;
}

/** Each as docs/effects.md shows it, with one connection at most. */
const TOOLS: Readonly<Record<string, (url: string) => Tool | Promise<Tool>>> = {
  'a client of pg': url => {
    const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 60_000 });
    return {
      inTransaction: async work => {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await work(client);
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      },
      close: () => pool.end(),
    };
  },
  "TypeORM's EntityManager": async url => {
    const source = new DataSource({ type: 'postgres', url, extra: { max: 1 } });
    await source.initialize();
    return {
      inTransaction: work => source.transaction(manager => work(manager)),
      close: () => source.destroy(),
    };
  },
  "TypeORM's QueryRunner": async url => {
    const source = new DataSource({ type: 'postgres', url, extra: { max: 1 } });
    await source.initialize();
    return {
      inTransaction: async work => {
        const runner = source.createQueryRunner();
        await runner.startTransaction();
        try {
          await work(runner);
          await runner.commitTransaction();
        } catch (error) {
          await runner.rollbackTransaction();
          throw error;
        } finally {
          await runner.release();
        }
      },
      close: () => source.destroy(),
    };
  },
  "Drizzle's transaction": url => {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const db = drizzle(pool);
    return {
      inTransaction: work =>
        db.transaction(tx =>
          work((text, params) => {
            const [start, middle, end] = text.split(/\$\d/).map(part => sql.raw(part));
            return tx.execute(sql`${start}${params[0]}${middle}${params[1]}${end}`);
          }),
        ),
      close: () => pool.end(),
    };
  },
  "Knex's transaction": url => {
    const db = knex({ client: 'pg', connection: url, pool: { min: 0, max: 1 } });
    return {
      inTransaction: work =>
        db.transaction(trx =>
          work((text, params) => trx.raw(text.replaceAll(/\$\d/g, '?'), params)),
        ),
      close: () => db.destroy(),
    };
  },
  "Kysely's transaction": url => {
    const db = new Kysely<unknown>({
      dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }),
    });
    return {
      inTransaction: work =>
        db
          .transaction()
          .execute((trx: Transaction<unknown>) =>
            work((text, params) => trx.executeQuery(CompiledQuery.raw(text, params))),
          ),
      close: () => db.destroy(),
    };
  },
};

describeWithPostgres('recordEffect', () => {
  const server = usePostgres();
  let pool: pg.Pool;
  let store: PostgresIdempotencyStore;
  let deliveries = 0;
  const newDelivery = () => ({ endpoint: 'default', key: `delivery-${(deliveries += 1)}` });

  beforeAll(async () => {
    pool = new pg.Pool({ connectionString: server.url, connectionTimeoutMillis: 60_000 });
    store = new PostgresIdempotencyStore(pool, { schema: 'effects' });
    await store.migrate();
  });
  afterAll(async () => {
    await store.close();
    await pool.end();
  });

  describe.each(Object.entries(TOOLS))('in %s', (_name, create) => {
    let tool: Tool;
    beforeAll(async () => {
      tool = await create(server.url);
    });
    afterAll(() => tool.close());

    it('is true until it has been committed', async () => {
      const delivery = newDelivery();
      const note = async (handlerId?: string): Promise<boolean> => {
        let noted = false;
        await tool.inTransaction(async run => {
          noted = await store.recordEffect(run, delivery, handlerId);
        });
        return noted;
      };
      const failing = tool.inTransaction(async run => {
        expect(await store.recordEffect(run, delivery)).toBe(true);
        throw new Error('rolled back');
      });
      await expect(failing).rejects.toThrow('rolled back');
      expect(await note()).toBe(true);
      expect(await note()).toBe(false);
      expect(await note('Calls.save')).toBe(true);
      expect(await note('Calls.save')).toBe(false);
    });
  });

  it('waits for another transaction that notes the same', async () => {
    const delivery = newDelivery();
    const [first, second] = [await pool.connect(), await pool.connect()];
    try {
      for (const client of [first, second]) await client.query('BEGIN');
      expect(await store.recordEffect(first, delivery)).toBe(true);
      const waiting = store.recordEffect(second, delivery);
      await first.query('ROLLBACK');
      expect(await waiting).toBe(true);
      await second.query('COMMIT');
    } finally {
      first.release();
      second.release();
    }
  });

  it('is forgotten after its retention', async () => {
    const delivery = newDelivery();
    expect(await store.recordEffect(pool, delivery, 'brief', 1)).toBe(true);
    await until(() => store.recordEffect(pool, delivery, 'brief', LONG));
  });

  it('is kept for 30 days unless another time is given', async () => {
    expect(await store.recordEffect(pool, newDelivery(), 'by default')).toBe(true);
    const { rows } = await pool.query(
      `SELECT max(expires_at) BETWEEN now() + interval '30 days' - interval '1 hour'
         AND now() + interval '30 days' AS "isDefault" FROM effects.revrag_deliveries_effects`,
    );
    expect(rows).toEqual([{ isDefault: true }]);
  });

  it('counts its retention from when it is noted, not from the start of the transaction', async () => {
    const client = await pool.connect();
    try {
      await client.query('BEGIN; SELECT pg_sleep(0.01)');
      await store.recordEffect(client, newDelivery(), 'late', LONG);
      const { rows } = await client.query(
        `SELECT expires_at >= now() + $1 * interval '1 millisecond' AS "isLate"
         FROM effects.revrag_deliveries_effects WHERE xmin::text = txid_current()::text`,
        [LONG + 10],
      );
      expect(rows).toEqual([{ isLate: true }]);
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
  });

  it('keeps endpoints apart', async () => {
    const delivery = newDelivery();
    expect(await store.recordEffect(pool, delivery)).toBe(true);
    expect(await store.recordEffect(pool, { ...delivery, endpoint: 'other' })).toBe(true);
  });

  it('takes no answer for an error, never for "noted before" [pitfall 45]', async () => {
    for (const answer of [undefined, null, {}, { affected: 0 }, { rows: null }, 'x', 2, [1, 2]]) {
      const noted = store.recordEffect(() => Promise.resolve(answer), newDelivery());
      await expect(noted).rejects.toThrow(RevragConfigurationError);
    }
    expect(await store.recordEffect(() => Promise.resolve(1), newDelivery())).toBe(true);
    expect(await store.recordEffect(() => Promise.resolve(0), newDelivery())).toBe(false);
    expect(await store.recordEffect(() => Promise.resolve([]), newDelivery())).toBe(false);
  });

  it('asks for no second connection inside a transaction [pitfall 43]', async () => {
    const single = new pg.Pool({
      connectionString: server.url,
      max: 1,
      connectionTimeoutMillis: 60_000,
    });
    const fresh = new PostgresIdempotencyStore(single, { schema: 'effects_single' });
    const delivery = newDelivery();
    const client = await single.connect();
    await client.query('BEGIN');
    await expect(fresh.recordEffect(client, delivery)).rejects.toThrow('await store.migrate()');
    await client.query('ROLLBACK');
    client.release();
    // The tables are made as soon as the connection is free.
    await until(() => fresh.recordEffect(single, delivery));
    await fresh.close();
    await single.end();
  });

  it('has texts that PostgreSQL can store', async () => {
    const text = 'a\0b\uD800c\uDC00d😀';
    expect(postgresText(text)).toBe('a\uFFFDb\uFFFDc\uFFFDd😀');
    expect(postgresText('plain')).toBe('plain');
    const value = { [text]: [text, 1, null, { at: new Date(0) }], no: undefined };
    const { rows } = await pool.query<{ text: string; json: unknown }>(
      'SELECT $1::text AS text, $2::jsonb AS json',
      [postgresText(text), postgresJson(value)],
    );
    const stored = postgresText(text);
    const at = '1970-01-01T00:00:00.000Z';
    expect(rows[0]).toEqual({ text: stored, json: { [stored]: [stored, 1, null, { at }] } });
    await expect(pool.query('SELECT $1::jsonb', [JSON.stringify(value)])).rejects.toThrow();
  });
});
