import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';
import { describeDeadLetters } from './dead-letters.contract.js';
import { describeQueue } from './queue.contract.js';

describeWithPostgres('RevragBullModule on PostgreSQL', () => {
  const postgres = usePostgres();
  const backend = () => ({ postgres: { connectionString: postgres.url, max: 3 } });
  describeQueue(backend);
  describeDeadLetters(backend);
});
