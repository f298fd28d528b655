import { Redis } from 'ioredis';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';
import { describeDeadLetters } from './dead-letters.contract.js';
import { describeQueue } from './queue.contract.js';
import { describeRuns } from './runs.contract.js';

describeWithRedis('RevragBullModule on Redis', () => {
  const redis = useRedis();
  const backend = () => ({ connection: { url: redis.url } });
  describeQueue(backend);
  describeDeadLetters(backend);
  describeRuns(backend, async () => {
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
  });
});
