import { Redis } from 'ioredis';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';
import { describeDeadLetters } from './dead-letters.contract.js';
import { describeIdentity } from './identity.contract.js';
import { describeLateJobs } from './late-jobs.contract.js';
import { describeQueue } from './queue.contract.js';
import { describeRuns } from './runs.contract.js';

describeWithRedis('RevragBullModule on Redis', () => {
  const redis = useRedis();
  const backend = () => ({ connection: { url: redis.url } });
  describeQueue(backend);
  describeIdentity(backend);
  describeLateJobs(redis, url => ({ connection: { url } }), 'lockDuration');
  describeDeadLetters(backend);
  const ask = async (work: (client: Redis) => Promise<unknown>) => {
    const client = new Redis(redis.url);
    await work(client);
    client.disconnect();
  };
  describeRuns(backend, {
    clear: () => ask(client => client.flushdb()),
    unlock: () => ask(async client => client.del(await client.keys('*:lock'))),
  });
});
