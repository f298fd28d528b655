import pg from 'pg';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';
import { describeDeadLetters } from './dead-letters.contract.js';
import { describeIdentity } from './identity.contract.js';
import { describeQueue } from './queue.contract.js';
import { describeRuns } from './runs.contract.js';

describeWithPostgres('RevragBullModule on PostgreSQL', () => {
  const postgres = usePostgres();
  const backend = () => ({ postgres: { connectionString: postgres.url, max: 3 } });
  describeQueue(backend);
  describeIdentity(backend);
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
