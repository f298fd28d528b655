import { redisQueues } from '../../support/queue-server.js';
import { describeWithOwnRedis, startRedis } from '../../support/servers/redis.js';
import { describeCrashes } from './crash.contract.js';

describeWithOwnRedis('RevragBullModule and crashes, on Redis', () => {
  describeCrashes(async () => {
    const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
    const redis = await startRedis({ args });
    return { queues: redisQueues(redis), server: redis.server };
  });
});
