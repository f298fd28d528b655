import pg from 'pg';
import type { PostgresServer } from '../../../../support/servers/postgres.js';
import { now } from '../history.js';
import { nemesis, outage, type Nemesis } from './nemesis.js';

/** The server to which clients are led; a promotion makes it another one. */
export interface Primary {
  now: PostgresServer;
}

const terminateAll = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`;

/** Takes every connection that there is. */
async function exhaust(url: string): Promise<pg.Client[]> {
  const clients: pg.Client[] = [];
  for (;;) {
    const client = new pg.Client(url);
    client.on('error', () => undefined);
    try {
      await client.connect();
    } catch {
      return clients;
    }
    clients.push(client);
    // So that it is one against the others.
    if (clients.length === 1) await client.query(terminateAll);
  }
}

/** As it starts again it recovers, which is a wait for those who ask meanwhile. */
export const postgresNemeses = (primary: Primary): Nemesis[] => {
  let clients: pg.Client[] = [];
  return [
    outage(
      'PostgreSQL killed',
      () => primary.now.server.kill(),
      () => primary.now.server.start(),
    ),
    nemesis('backends terminated', async scene => {
      const client = new pg.Client(primary.now.url);
      client.on('error', () => undefined);
      const from = now();
      try {
        await client.connect();
        await client.query(terminateAll);
      } catch {
        // The server has no connection left, or has just ended this one.
      } finally {
        await client.end().catch(() => undefined);
        scene.faults.push({ kind: 'outage', from, to: now() });
      }
    }),
    outage(
      'connections exhausted',
      async () => (clients = await exhaust(primary.now.url)),
      () => Promise.all(clients.splice(0).map(client => client.end())),
    ),
  ];
};
