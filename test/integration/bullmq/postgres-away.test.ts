import pg from 'pg';
import { it, onTestFinished } from 'vitest';
import { startFreezingProxy } from '../../support/freezing-proxy.js';
import { startCalls } from '../../support/queue-app.js';
import { describeWithOwnPostgres, startPostgres } from '../../support/servers/postgres.js';
import { BACK_WITHIN_MS, describeAway, expectToOutliveSilence } from './away.contract.js';

const urlOf = (port: number) => `postgres://postgres@127.0.0.1:${port}/postgres`;

describeWithOwnPostgres('RevragBullModule and a PostgreSQL that is not there', () => {
  describeAway(startPostgres, port => ({
    postgres: { connectionString: urlOf(port), max: 3 },
  }));

  it(
    "comes back with a caller's pool, whose connections have died in silence [pitfall 41]",
    async () => {
      const { port, url: server, server: process } = await startPostgres();
      onTestFinished(() => process.dispose());
      await (await startCalls({ postgres: server })).app.close();
      const proxy = await startFreezingProxy(port);
      onTestFinished(proxy.close);
      const options = '-c search_path=bullmq';
      const pool = new pg.Pool({
        connectionString: urlOf(proxy.port),
        connectionTimeoutMillis: 1_000,
        options,
      });
      pool.on('error', () => undefined);
      await expectToOutliveSilence({ postgres: pool }, proxy);
    },
    3 * BACK_WITHIN_MS,
  );
});
