import { postgresQueues } from '../../support/queue-server.js';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';
import { describeDeadLetters } from './dead-letters.contract.js';
import { describeIdentity } from './identity.contract.js';
import { describeLateJobs } from './late-jobs.contract.js';
import { describeQueue } from './queue.contract.js';
import { describeRuns } from './runs.contract.js';

describeWithPostgres('RevragBullModule on PostgreSQL', () => {
  const postgres = usePostgres();
  const queues = postgresQueues(postgres);
  describeQueue(queues);
  describeIdentity(queues.backend);
  describeLateJobs(
    postgres,
    connectionString => ({ postgres: { connectionString, max: 3 } }),
    'move_to_active',
  );
  describeDeadLetters(queues.backend);
  describeRuns(queues);
});
