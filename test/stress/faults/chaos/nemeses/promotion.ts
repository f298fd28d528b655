import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startStandby, type PostgresServer } from '../../../../support/servers/postgres.js';
import type { PostgresStart } from '../../../../support/servers/start-postgres.js';
import { now } from '../history.js';
import { nemesis, type Nemesis } from './nemesis.js';
import type { Primary } from './postgres.js';
import { failOver } from './sentinel.js';

async function query<T extends object>({ url }: PostgresServer, text: string): Promise<T[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

const MAX_TRIES = 100;

/** Tries again: another nemesis may end connections, or take all that there are. */
async function inTheEnd<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === MAX_TRIES) throw error;
      await delay(200);
    }
  }
}

async function inStep(primary: PostgresServer): Promise<void> {
  const streaming = "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'";
  while ((await inTheEnd(() => query(primary, streaming))).length === 0) await delay(100);
}

/** A standby takes the place of the primary; new connections lead to it. */
export function promotionNemeses(primary: Primary, options: PostgresStart): Nemesis[] {
  const prepare = async (): Promise<PostgresServer> => {
    const standby = await inTheEnd(() => startStandby(primary.now, options));
    await inStep(primary.now);
    return standby;
  };
  const promote = async (standby: PostgresServer): Promise<void> => {
    await query(standby, 'SELECT pg_promote()');
    const old = primary.now;
    primary.now = standby;
    await old.server.dispose();
  };
  return [
    // An orderly end waits until the standby has everything: nothing may be lost.
    nemesis('PostgreSQL switchover', async scene => {
      const standby = await prepare();
      const from = now();
      await primary.now.server.stop();
      await promote(standby);
      scene.faults.push({ kind: 'outage', from, to: now() });
    }),
    nemesis('PostgreSQL failover by a crash', async scene => {
      const standby = await prepare();
      await failOver(scene, async () => {
        await primary.now.server.kill();
        await promote(standby);
      });
    }),
  ];
}
