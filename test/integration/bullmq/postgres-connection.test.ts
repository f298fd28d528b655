import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import type { PostgresConnectionOptions } from 'bullmq';
import { expect, it, onTestFinished } from 'vitest';
import { GuardedPostgresConnection } from '../../../lib/bullmq/guarded-postgres-connection.js';
import { systemClock } from '../../../lib/core/common/clock.js';
import { eventually } from '../../support/eventually.js';
import { startFreezingProxy } from '../../support/freezing-proxy.js';
import {
  describeWithOwnPostgres,
  startPostgres,
  type PostgresServer,
} from '../../support/servers/postgres.js';
import { describeWithPgBouncer, startPgBouncer } from '../../support/servers/pgbouncer.js';

/** Ends all other sessions again and again. */
const KILLER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { Client } = require('pg');
  const client = new Client(workerData);
  const end = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()';
  client.connect().then(async () => {
    parentPort.postMessage('ready');
    for (;;) await client.query(end);
  });
`;

const urlOf = (port: number) => `postgres://postgres@127.0.0.1:${port}/postgres`;

function connect(given: PostgresConnectionOptions, listenName: string | undefined = 'test') {
  const connection = new GuardedPostgresConnection(given, { clock: systemClock, listenName });
  const errors: Error[] = [];
  connection.on('error', (error: Error) => errors.push(error));
  onTestFinished(() => connection.close());
  return { connection, errors };
}

async function start(settings?: Record<string, string>): Promise<PostgresServer> {
  const postgres = await startPostgres({ settings });
  onTestFinished(() => postgres.server.dispose());
  return postgres;
}

function poolOf(config: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(config);
  pool.on('error', () => undefined);
  onTestFinished(() => pool.end());
  return pool;
}

describeWithOwnPostgres('the connection to PostgreSQL', () => {
  it('survives that PostgreSQL terminates its sessions, whatever they do', async () => {
    const { url } = await start();
    const { connection } = connect({ connectionString: url, max: 3 });
    await connection.waitUntilReady();
    const admin = new pg.Client(url);
    await admin.connect();
    for (let round = 0; round < 10; round += 1) {
      const listener = await connection.getListenClient().catch(() => undefined);
      const busy = [1, 2].map(() => connection.pool.query('SELECT pg_sleep(0.02)'));
      const settled = Promise.allSettled([...busy, listener?.query('LISTEN jobs')]);
      await delay(round);
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
      );
      await settled;
    }
    await admin.end();
    await eventually(async () => {
      const client = await connection.getListenClient();
      await client.query('LISTEN jobs');
      await connection.pool.query('SELECT 1');
      return true;
    }, 'New sessions');
  });

  it('survives sessions that end before the process has seen them begin', async () => {
    const { url } = await start();
    const { connection } = connect(url);
    await connection.waitUntilReady();
    const killer = new Worker(KILLER, { eval: true, workerData: url });
    onTestFinished(async () => {
      await killer.terminate();
    });
    await once(killer, 'message');
    for (let round = 0; round < 40; round += 1) {
      const listening = connection.getListenClient().catch(() => undefined);
      await delay(round % 8);
      // What PostgreSQL sends meanwhile arrives at once.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      await listening;
      await delay(5);
    }
  });

  it('has a session for queries beside the one that listens, with a pool of one', async () => {
    const { url } = await start();
    const { connection } = connect({ connectionString: url, max: 1 });
    await connection.waitUntilReady();
    const client = await connection.getListenClient();
    await client.query('LISTEN jobs');
    await connection.pool.query('SELECT 1');
  });

  it.each(['options', 'a pool'])('notices a silent PostgreSQL, given %s', async what => {
    const { port, url } = await start();
    const setUp = connect(url);
    await setUp.connection.waitUntilReady();
    const proxy = await startFreezingProxy(port);
    onTestFinished(proxy.close);
    const config = { connectionString: urlOf(proxy.port), max: 3, query_timeout: 2_000 };
    const options = { ...config, options: '-c search_path=bullmq' };
    const { connection } = connect(what === 'options' ? config : poolOf(options));
    await connection.waitUntilReady();
    const first = await connection.getListenClient();
    proxy.freeze();
    await expect(connection.pool.query('SELECT 1')).rejects.toThrow('timeout');
    const lost = new Promise<void>(resolve => connection.once('listenerinvalidated', resolve));
    await lost;
    proxy.thaw();
    await eventually(async () => {
      await connection.pool.query('SELECT 1');
      const client = await connection.getListenClient();
      expect(client).not.toBe(first);
      await client.query('LISTEN jobs');
      return true;
    }, 'New sessions');
  });

  it('sets the isolation level that BullMQ needs, and refuses a pool with another [pitfall 43]', async () => {
    const { url } = await start({ default_transaction_isolation: 'serializable' });
    const { connection } = connect(url);
    await connection.waitUntilReady();
    const { rows } = await connection.pool.query('SHOW transaction_isolation');
    expect(rows).toEqual([{ transaction_isolation: 'read committed' }]);
    const options = '-c search_path=bullmq';
    const other = connect(poolOf({ connectionString: url, options })).connection;
    await expect(other.waitUntilReady()).rejects.toThrow(
      'default_transaction_isolation = serializable',
    );
  });

  describeWithPgBouncer('behind PgBouncer', () => {
    it('refuses a pooler in transaction mode', async () => {
      const { port, url } = await start();
      await connect(url).connection.waitUntilReady();
      const strict = await startPgBouncer(port);
      const loose = await startPgBouncer(port, {
        ignore_startup_parameters: 'options,search_path',
      });
      onTestFinished(async () => {
        await strict.server.dispose();
        await loose.server.dispose();
      });
      await expect(connect(strict.url).connection.waitUntilReady()).rejects.toThrow(
        'which refuses the settings of a session',
      );
      const setup = new pg.Client(url);
      await setup.connect();
      await setup.query('ALTER ROLE postgres SET search_path = bullmq');
      await setup.end();
      for (const given of [loose.url, poolOf({ connectionString: loose.url })]) {
        await expect(connect(given).connection.waitUntilReady()).rejects.toThrow(
          'through a pooler in transaction mode',
        );
      }
    });
  });
});
