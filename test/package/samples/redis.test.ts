import { expect, it } from 'vitest';
import { SECRET } from '../../support/app.js';
import { buildSample, startSample } from '../../support/sample-process.js';
import { deliver } from '../../support/send.js';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';

describeWithRedis('sample/02-redis', () => {
  const redis = useRedis();

  it('handles a delivery on one of two instances, and ends in order', async () => {
    const main = buildSample('02-redis');
    const env = { REDIS_URL: redis.url, REVRAG_WEBHOOK_SECRET: SECRET };
    const instances = await Promise.all([startSample(main, env), startSample(main, env)]);
    try {
      const [first, second] = instances;
      const id = `evt_${Date.now()}`;
      expect(await deliver(first.url, { id })).toMatchObject({ body: { status: 'processed' } });
      expect(await deliver(second.url, { id })).toMatchObject({ body: { status: 'duplicate' } });
      for (const instance of instances) await instance.stop();
    } finally {
      for (const instance of instances) await instance.kill();
    }
  });
});
