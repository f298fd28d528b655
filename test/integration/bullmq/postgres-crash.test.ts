import { postgresQueues } from '../../support/queue-server.js';
import { describeWithOwnPostgres, startPostgres } from '../../support/servers/postgres.js';
import { describeCrashes } from './crash.contract.js';

describeWithOwnPostgres('RevragBullModule and crashes, on PostgreSQL', () => {
  describeCrashes(async () => {
    const postgres = await startPostgres();
    return { queues: postgresQueues(postgres), server: postgres.server };
  });
});
