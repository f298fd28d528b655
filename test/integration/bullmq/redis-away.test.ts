import { describeWithOwnRedis, startRedis } from '../../support/servers/redis.js';
import { describeAway } from './away.contract.js';

describeWithOwnRedis('RevragBullModule and a Redis that is not there', () => {
  describeAway(
    () => startRedis({ args: ['--appendonly', 'yes'] }),
    port => ({ connection: { port } }),
  );
});
