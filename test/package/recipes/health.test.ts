import { TerminusModule } from '@nestjs/terminus';
import { Redis } from 'ioredis';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
import { RevragBullModule } from 'nestjs-revrag-webhook/bullmq';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterEach, expect, it } from 'vitest';
import { SECRET, startApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { createHandlers } from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';
import { describeWithOwnRedis, startRedis, type RedisServer } from '../../support/servers/redis.js';
import { HealthController } from './health.controller.js';
import { QueueHealthIndicator } from './queue.health.js';
import { REDIS, StoreHealthIndicator } from './store.health.js';

describeWithOwnRedis('the health recipe', () => {
  let server: RedisServer | undefined;
  let redis: Redis | undefined;

  afterEach(async () => {
    redis?.disconnect();
    await server?.server.dispose();
  });

  async function start() {
    server = await startRedis();
    redis = new Redis(server.url, { retryStrategy: () => 100, maxRetriesPerRequest: 0 });
    redis.on('error', () => undefined);
    const store = new RedisIdempotencyStore(redis);
    const Calls = createHandlers();
    const { url, app } = await startApp({
      imports: [
        RevragWebhookModule.forRoot({ secret: SECRET, idempotency: { store } }),
        RevragBullModule.forRoot({ connection: { url: server.url }, attempts: 1 }),
        TerminusModule.forRoot({ logger: false }),
      ],
      controllers: [HealthController],
      providers: [
        Calls,
        StoreHealthIndicator,
        QueueHealthIndicator,
        { provide: REDIS, useValue: redis },
      ],
    });
    const check = async () => {
      const response = await fetch(`${url}/health/ready`);
      const body = (await response.json()) as { status: string; details: Record<string, object> };
      return { code: response.status, ...body };
    };
    return { url, calls: app.get(Calls), check };
  }

  it('says that store and queue are there, what waits, and that they are gone', async () => {
    const { url, calls, check } = await start();
    expect(await check()).toMatchObject({
      code: 200,
      status: 'ok',
      details: {
        store: { status: 'up' },
        queue: { status: 'up', waiting: 0, delayed: 0, active: 0, deadLetters: 0 },
      },
    });
    calls.failures.bill = 1;
    await deliver(url);
    await eventually(async () => {
      const { details } = await check();
      return (details['queue'] as { deadLetters: number }).deadLetters === 1;
    }, 'A dead letter');
    expect(await check()).toMatchObject({
      code: 200,
      status: 'degraded',
      details: { queue: { status: 'degraded' } },
    });

    await server!.server.stop();
    await eventually(async () => (await check()).status === 'error', 'An error');
    expect(await check()).toMatchObject({
      code: 503,
      details: {
        store: { status: 'down' },
        queue: { status: 'down', message: 'The queue does not answer' },
      },
    });
  });
});
