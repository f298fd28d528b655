import { describeWithOwnRedis, startRedis } from '../../support/servers/redis.js';
import { describeCrashes } from './crash.contract.js';

describeWithOwnRedis('RevragBullModule and crashes, on Redis', () => {
  describeCrashes(async () => {
    const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
    const { port, server } = await startRedis({ args });
    return { backend: { connection: { port } }, server };
  });
});
