import pg from 'pg';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';
import { describeDeadLetters } from './dead-letters.contract.js';
import { describeIdentity } from './identity.contract.js';
import { describeLateJobs } from './late-jobs.contract.js';
import { describeQueue } from './queue.contract.js';
import { describeRuns } from './runs.contract.js';

describeWithPostgres('RevragBullModule on PostgreSQL', () => {
  const postgres = usePostgres();
  const backend = () => ({ postgres: { connectionString: postgres.url, max: 3 } });
  describeQueue(backend);
  describeIdentity(backend);
  describeLateJobs(
    postgres,
    connectionString => ({ postgres: { connectionString, max: 3 } }),
    'move_to_active',
  );
  describeDeadLetters(backend);
  const query = async (text: string) => {
    const client = new pg.Client(postgres.url);
    await client.connect();
    await client.query(text);
    await client.end();
  };
  describeRuns(backend, {
    clear: () => query('DELETE FROM bullmq.job'),
    unlock: () =>
      query(
        "UPDATE bullmq.job SET lock_token = 'lost', locked_until_ms = 0 WHERE state = 'active'",
      ),
  });
});
