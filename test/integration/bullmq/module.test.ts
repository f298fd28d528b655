import { Injectable, type DynamicModule, type OnModuleDestroy } from '@nestjs/common';
import { BullModule, getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { CallEndedDto, OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import {
  RevragBullModule,
  RevragDeadLetters,
  type RevragBullOptions,
} from 'nestjs-revrag-webhook/bullmq';
import { expect, it, onTestFinished } from 'vitest';
import { RetentionSweeper } from '../../../lib/bullmq/retention-sweeper.js';
import { SECRET, startApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { startFreezingProxy } from '../../support/freezing-proxy.js';
import { createHandlers, newQueueName, ofCall, SOON, startCalls } from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';

describeWithRedis('RevragBullModule', () => {
  const redis = useRedis();

  const start = async (imports: DynamicModule[]) => {
    const Calls = createHandlers();
    const started = await startApp({
      imports: [RevragWebhookModule.forRoot(SECRET), ...imports],
      providers: [Calls],
    });
    return { ...started, calls: started.app.get(Calls) };
  };

  it('shares the connection and prefix of BullModule.forRoot()', async () => {
    const queueName = newQueueName();
    const { app, url, calls } = await start([
      BullModule.forRoot({ connection: { url: redis.url }, prefix: 'shared' }),
      RevragBullModule.forRoot({ ...SOON, queueName }),
    ]);
    await deliver(url);
    await eventually(() => calls.runs.length === 2);
    const queue = app.get<Queue>(getQueueToken(queueName));
    expect(queue.toKey('')).toBe(`shared:${queueName}:`);
  });

  it('has the limits of handlers, which are refused where workers would ignore them', async () => {
    const bull = RevragBullModule.forRoot({ ...SOON, connection: { url: redis.url } });
    const given = { handlerTimeout: 5_000, graceTimeout: 1_000, onStuck: 'release' } as const;
    for (const limits of [given, { onStuck: 'keep' as const }]) {
      const webhook = RevragWebhookModule.forRoot({ secret: SECRET, ...limits });
      await expect(startApp({ imports: [webhook, bull] })).rejects.toThrow(
        `endpoint "default": ${Object.keys(limits).join(', ')} would have no effect`,
      );
    }
  });

  it("is not ruled by defaults for the app's own jobs", async () => {
    const defaultJobOptions = { removeOnFail: true, removeOnComplete: true, delay: 60_000 };
    const { app, url, calls } = await start([
      BullModule.forRoot({ connection: { url: redis.url }, defaultJobOptions }),
      RevragBullModule.forRoot({ ...SOON, attempts: 1, queueName: newQueueName() }),
    ]);
    calls.failures.bill = 1;
    await deliver(url);
    const deadLetters = app.get(RevragDeadLetters);
    await eventually(async () => (await deadLetters.count()) === 1, 'The dead letter');
    await eventually(() => calls.runs.length === 2);
  });

  it('takes its options from a factory, and a connection by its key', async () => {
    const { url, calls } = await start([
      BullModule.forRoot({ connection: { port: 1 } }),
      BullModule.forRoot('calls', { connection: { url: redis.url } }),
      RevragBullModule.forRootAsync({
        configKey: 'calls',
        queueName: newQueueName(),
        useFactory: () => Promise.resolve(SOON),
      }),
    ]);
    await deliver(url);
    await eventually(() => calls.runs.length === 2);
  });

  it.each<[string, RevragBullOptions, string]>([
    ['no backend', {}, 'no server is given for the queue'],
    ['two backends', { connection: {}, postgres: 'postgres://localhost' }, 'not both'],
    ['an unknown option', { concurrency: 3 } as object, 'there is no option concurrency'],
    ['an unknown role', { connection: {}, role: 'send' as never }, 'role must be'],
    ['no attempts', { connection: {}, attempts: 0 }, 'attempts must be'],
    ['no time', { connection: {}, persistTimeout: 0 }, 'persistTimeout must be'],
    ['no grace', { connection: {}, graceTimeout: 0 }, 'graceTimeout must be'],
    ['an unknown end', { connection: {}, onStuck: 'kill' as never }, 'onStuck must be'],
    ['a keyPrefix', { connection: { keyPrefix: 'app:' } }, 'give the option prefix'],
  ])('stops the boot for %s', async (_what, options, message) => {
    await expect(start([RevragBullModule.forRoot(options)])).rejects.toThrow(message);
  });

  it('stops the boot for a client with a keyPrefix', async () => {
    const connection = new Redis(redis.url, { keyPrefix: 'app:' });
    onTestFinished(() => connection.disconnect());
    const queue = RevragBullModule.forRoot({ connection });
    await expect(start([queue])).rejects.toThrow('give the option prefix');
  });

  it('uses the options of a client for connections of its own, which notice silence', async () => {
    const proxy = await startFreezingProxy(Number(new URL(redis.url).port));
    onTestFinished(proxy.close);
    // Without any timeout, and with what workers can't bear.
    const connection = new Redis({
      port: proxy.port,
      maxRetriesPerRequest: 3,
      commandTimeout: 100,
    });
    connection.on('error', () => undefined);
    onTestFinished(() => connection.disconnect());
    const queueName = newQueueName();
    const { url, calls } = await start([
      RevragBullModule.forRoot({ ...SOON, connection, queueName }),
    ]);
    await deliver(url, ofCall('call_1'));
    await eventually(() => calls.runs.length === 2);
    proxy.freeze();
    proxy.thawNew();
    const isBack = async () => (await deliver(url, ofCall('call_2'))).status < 300;
    await eventually(isBack, 'A 202');
    await eventually(() => calls.runs.length === 4, 'The effects');
  });

  it('stops the boot when it is imported twice', async () => {
    const twice = ['a', 'b'].map(queueName =>
      RevragBullModule.forRoot({ connection: { url: redis.url }, queueName }),
    );
    await expect(start(twice)).rejects.toThrow('imported twice');
  });

  it('bounds what workers do at once, and in a time', async () => {
    let atOnce = 0;
    let most = 0;
    @Injectable()
    class Slow {
      done = 0;
      @OnCallEnded()
      async run() {
        most = Math.max(most, (atOnce += 1));
        await new Promise(resolve => setTimeout(resolve, 20));
        atOnce -= 1;
        this.done += 1;
      }
    }
    const { app, url } = await startApp({
      imports: [
        RevragWebhookModule.forRoot(SECRET),
        RevragBullModule.forRoot({
          connection: { url: redis.url },
          queueName: newQueueName(),
          worker: { concurrency: 2, limiter: { max: 5, duration: 1_000 } },
        }),
      ],
      providers: [Slow],
    });
    const startedAt = Date.now();
    for (let index = 0; index < 6; index += 1) await deliver(url, ofCall(`call_${index}`));
    await eventually(() => app.get(Slow).done === 6);
    expect(most).toBeLessThanOrEqual(2);
    // The sixth had to wait for the next second.
    expect(Date.now() - startedAt).toBeGreaterThan(900);
  });

  it('lets handlers end before what they use is destroyed', async () => {
    const log: string[] = [];
    @Injectable()
    class Database implements OnModuleDestroy {
      onModuleDestroy() {
        log.push('destroyed');
      }
    }
    @Injectable()
    class Calls {
      constructor(readonly database: Database) {}
      @OnCallEnded()
      async save({ call_id }: CallEndedDto) {
        log.push(`${call_id} started`);
        await new Promise(resolve => setTimeout(resolve, 300));
        log.push(`${call_id} saved`);
      }
    }
    const { app, url } = await startApp({
      imports: [
        RevragWebhookModule.forRoot(SECRET),
        RevragBullModule.forRoot({
          connection: { url: redis.url },
          queueName: newQueueName(),
        }),
      ],
      providers: [Database, Calls],
    });
    await deliver(url, ofCall('c'));
    await eventually(() => log.length > 0);
    await app.close();
    expect(log).toEqual(['c started', 'c saved', 'destroyed']);
  });

  it('removes dead letters that have stayed long enough', async () => {
    const { app, url, calls, queue } = await startCalls({
      connection: { url: redis.url },
      attempts: 1,
      keepFailed: { age: 1 },
    });
    calls.failures.bill = 1;
    await deliver(url);
    const deadLetters = app.get(RevragDeadLetters);
    await eventually(async () => (await deadLetters.count()) === 1);
    const sweeper = app.get(RetentionSweeper);
    await eventually(async () => {
      await sweeper.sweep();
      return (await deadLetters.count()) === 0;
    });
    expect(await queue.getCompletedCount()).toBe(1);
  });
});
