import { redisQueues } from '../../support/queue-server.js';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';
import { describeDeadLetters } from './dead-letters.contract.js';
import { describeIdentity } from './identity.contract.js';
import { describeLateJobs } from './late-jobs.contract.js';
import { describeQueue } from './queue.contract.js';
import { describeRuns } from './runs.contract.js';

describeWithRedis('RevragBullModule on Redis', () => {
  const redis = useRedis();
  const queues = redisQueues(redis);
  describeQueue(queues);
  describeIdentity(queues.backend);
  describeLateJobs(redis, url => ({ connection: { url } }), 'lockDuration');
  describeDeadLetters(queues.backend);
  describeRuns(queues);
});
