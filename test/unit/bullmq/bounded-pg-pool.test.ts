import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BoundedPgPool } from '../../../lib/bullmq/bounded-pg-pool.js';
import { PG_SESSION } from '../../support/postgres-session.js';

let server: Server;
let pool: pg.Pool;

beforeEach(async () => {
  // Starts sessions, and answers no query.
  server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(PG_SESSION));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  pool = new pg.Pool({ host: '127.0.0.1', port, user: 'u', password: 'p' });
});
afterEach(async () => {
  await pool.end();
  server.close();
});

it.each([
  ['connects', (bounded: BoundedPgPool) => bounded.connect()],
  ['queries', (bounded: BoundedPgPool) => bounded.query('SELECT 1')],
])('keeps no client that does not answer when it %s', async (_what, ask) => {
  const bounded = new BoundedPgPool(pool, 20);
  await expect(ask(bounded)).rejects.toThrow('Query read timeout');
  expect(pool.totalCount).toBe(0);
});
