import { describeWithOwnPostgres, startPostgres } from '../../support/servers/postgres.js';
import { describeCrashes } from './crash.contract.js';

describeWithOwnPostgres('RevragBullModule and crashes, on PostgreSQL', () => {
  describeCrashes(async () => {
    const { url, server } = await startPostgres();
    return { backend: { postgres: { connectionString: url, max: 4 } }, server };
  });
});
