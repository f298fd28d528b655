import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { startFreezingProxy } from '../../support/freezing-proxy.js';
import { ofCall, startCalls } from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';
import { describeWithOwnPostgres, startPostgres } from '../../support/servers/postgres.js';
import { describeAway } from './away.contract.js';

const BACK_WITHIN_MS = 60_000;
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
      const pool = new pg.Pool({ connectionString: urlOf(proxy.port), options });
      pool.on('error', () => undefined);
      const { url, calls, queue } = await startCalls({ postgres: pool });
      await deliver(url, ofCall('evt_1'));
      await eventually(async () => (await queue.getCompletedCount()) === 2);
      proxy.freeze();
      proxy.thawNew();
      const since = Date.now();
      const isBack = async () => (await deliver(url, ofCall('evt_2'))).status < 300;
      await eventually(isBack, 'A 202', BACK_WITHIN_MS);
      const hasRun = () => calls.runs.some(({ call }) => call.call_id === 'evt_2');
      await eventually(hasRun, 'The effect', BACK_WITHIN_MS);
      expect(Date.now() - since).toBeLessThan(BACK_WITHIN_MS);
    },
    3 * BACK_WITHIN_MS,
  );
});
