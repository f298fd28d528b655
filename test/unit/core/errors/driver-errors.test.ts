import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PG_SESSION, pgAuthentication } from '../../../support/postgres-session.js';
import { summarizeError } from '../../../../lib/core/errors/summarize-error.js';

/** Errors that pg and ioredis make themselves, in the versions that are installed: each summary names the cause. */

let server: Server;
let onSocket: (socket: Socket) => void;
let port: number;

beforeEach(async () => {
  onSocket = () => undefined;
  // Takes connections, and says nothing.
  server = createServer(socket => {
    socket.on('error', () => undefined);
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => server.close());

const caught = (work: Promise<unknown>): Promise<string> =>
  work.then(() => 'no error', summarizeError);

const poolOf = (config: pg.PoolConfig = {}) => {
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'u', password: 'hunter2', ...config });
  pool.on('error', () => undefined);
  return pool;
};

const clientOf = (options: object = {}) => {
  const client = new Redis({ host: '127.0.0.1', port, retryStrategy: () => null, ...options });
  client.on('error', () => undefined);
  return client;
};

it('of pg: a query without an answer', async () => {
  onSocket = socket => socket.once('data', () => socket.write(PG_SESSION));
  const pool = poolOf({ query_timeout: 20 });
  expect(await caught(pool.query('SELECT 1'))).toBe('Query read timeout');
});

it('of pg: a connection that is lost during a query', async () => {
  onSocket = socket =>
    socket.once('data', () => {
      socket.write(PG_SESSION);
      socket.once('data', () => socket.destroy());
    });
  expect(await caught(poolOf().query('SELECT 1'))).toBe('Connection terminated unexpectedly');
});

it('of pg: a server that does not start a session', async () => {
  const client = new pg.Client({ host: '127.0.0.1', port, connectionTimeoutMillis: 20 });
  expect(await caught(client.connect())).toBe('timeout expired');
  const pool = poolOf({ connectionTimeoutMillis: 20 });
  expect(await caught(pool.query('SELECT 1'))).toBe(
    'Connection terminated due to connection timeout',
  );
});

it('of pg: a pool without a free connection, or that has ended', async () => {
  onSocket = socket => socket.once('data', () => socket.write(PG_SESSION));
  const pool = poolOf({ max: 1, connectionTimeoutMillis: 500 });
  const client = await pool.connect();
  expect(await caught(pool.query('SELECT 1'))).toBe('timeout exceeded when trying to connect');
  client.release(true);
  await pool.end();
  expect(await caught(pool.query('SELECT 1'))).toBe(
    'Cannot use a pool after calling end on the pool',
  );
});

it('of pg: a password that is missing', async () => {
  onSocket = socket =>
    socket.once('data', () => {
      socket.write(pgAuthentication(10, 'SCRAM-SHA-256\0\0'));
      socket.once('data', () => socket.write(pgAuthentication(11, 'r=nonce,s=c2FsdA==,i=1')));
    });
  const said = await caught(poolOf({ password: () => undefined as never }).query('SELECT 1'));
  expect(said).toContain('client password must be a string');
});

it('of pg: a server without TLS', async () => {
  onSocket = socket => socket.once('data', () => socket.write('N'));
  expect(await caught(poolOf({ ssl: true }).query('SELECT 1'))).toBe(
    'The server does not support SSL connections',
  );
});

it('of ioredis: a command without an answer', async () => {
  const client = clientOf({ enableReadyCheck: false, commandTimeout: 20 });
  expect(await caught(client.get('a'))).toBe('Command timed out');
  client.disconnect();
});

it('of ioredis: a client that is closed', async () => {
  const client = clientOf({ lazyConnect: true });
  client.disconnect();
  await expect(caught(client.get('a'))).resolves.toBe('Connection is closed.');
});

it('of ioredis: a client that is not connected and may not wait', async () => {
  const client = clientOf({ enableOfflineQueue: false });
  expect(await caught(client.get('a'))).toBe(
    "Stream isn't writeable and enableOfflineQueue options is false",
  );
  client.disconnect();
});

it('of ioredis: a server that is silent', async () => {
  const client = clientOf({ enableReadyCheck: false, socketTimeout: 20 });
  client.get('a').catch(() => undefined);
  const [error] = (await once(client, 'error')) as [Error];
  expect(summarizeError(error)).toBe(
    "Socket timeout. Expecting data, but didn't receive any in 20ms.",
  );
  client.disconnect();
});
