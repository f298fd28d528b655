import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { ofCall, startCalls } from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';
import { describeWithOwnPostgres, startPostgres } from '../../support/servers/postgres.js';
import { describeWithPgBouncer, startPgBouncer } from '../../support/servers/pgbouncer.js';

describeWithOwnPostgres('RevragBullModule and its sessions on PostgreSQL', () => {
  it.each(['a URL', 'a pool'])('survives pg_terminate_backend, given %s', async what => {
    const { url: server, server: process } = await startPostgres();
    onTestFinished(() => process.dispose());
    const admin = new pg.Client(server);
    await admin.connect();
    onTestFinished(() => admin.end());
    if (what === 'a pool') {
      const setUp = await startCalls({ postgres: server });
      await setUp.app.close();
    }
    const pool = new pg.Pool({ connectionString: server, options: '-c search_path=bullmq' });
    pool.on('error', () => undefined);
    onTestFinished(() => pool.end());
    const { url, calls } = await startCalls({ postgres: what === 'a pool' ? pool : server });
    for (let round = 0; round < 8; round += 1) {
      void deliver(url, ofCall(`lost ${round}`)).catch(() => undefined);
      await delay(50 * round);
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()',
      );
    }
    const isAccepted = async () => (await deliver(url, ofCall('last'))).status < 300;
    await eventually(isAccepted, 'A 202');
    await eventually(() => calls.runs.some(({ call }) => call.call_id === 'last'), 'The effect');
  });

  it('leaves none behind of an app that could not start', async () => {
    const { url, server: process } = await startPostgres();
    onTestFinished(() => process.dispose());
    const admin = new pg.Client(url);
    await admin.connect();
    onTestFinished(() => admin.end());
    // The last of several settings of a session holds.
    const options = '-c default_transaction_isolation=serializable';
    const postgres = { connectionString: url, application_name: 'refused', options };
    await expect(startCalls({ postgres })).rejects.toThrow('default_transaction_isolation');
    await eventually(async () => {
      const { rowCount } = await admin.query(
        "SELECT FROM pg_stat_activity WHERE application_name = 'refused'",
      );
      return rowCount === 0;
    }, 'The end of its sessions');
  });

  describeWithPgBouncer('behind PgBouncer', () => {
    it('stops the boot behind a pooler in transaction mode', async () => {
      const { port, url, server } = await startPostgres();
      const pooler = await startPgBouncer(port);
      onTestFinished(async () => {
        await pooler.server.dispose();
        await server.dispose();
      });
      const setUp = await startCalls({ postgres: url });
      await setUp.app.close();
      await expect(startCalls({ postgres: pooler.url })).rejects.toThrow('LISTEN/NOTIFY');
    });
  });
});
