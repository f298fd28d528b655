import { describeWithOwnPostgres, startPostgres } from '../../support/servers/postgres.js';
import { describeAway } from './away.contract.js';

describeWithOwnPostgres('RevragBullModule and a PostgreSQL that is not there', () => {
  describeAway(startPostgres, port => ({
    postgres: { connectionString: `postgres://postgres@127.0.0.1:${port}/postgres`, max: 3 },
  }));
});
