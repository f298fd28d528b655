import { RevragTelemetryModule } from 'nestjs-revrag-webhook/opentelemetry';
import { expect, it } from 'vitest';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import {
  createHandlers,
  newQueueName,
  ofCall,
  startQueueApp,
  type QueueBackend,
} from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';
import { useTelemetry } from '../../support/telemetry.js';

type Options = Parameters<typeof startQueueApp>[0];

/** The monitor looks each 100 ms. */
const WATCHED = { progressTimeout: 400 };

function describeMetrics(
  server: { readonly url: string },
  backendAt: (url: string) => QueueBackend,
) {
  const telemetry = useTelemetry();

  const start = async (options: Options) => {
    const Calls = createHandlers();
    const backend = backendAt(server.url);
    const started = await startQueueApp(
      { ...backend, ...WATCHED, ...options },
      { imports: [RevragTelemetryModule], providers: [Calls] },
    );
    return { ...started, calls: started.app.get(Calls) };
  };
  const points = (name: string) => telemetry.current.points(`revrag.webhook.${name}`);
  const value = async (name: string) => (await points(name))[0]?.value as number | undefined;

  it('tell how many jobs wait, for how long none was taken, and of dead letters', async () => {
    const queueName = newQueueName();
    const receiver = await start({ queueName, role: 'receive' });
    await eventually(async () => (await value('queue.waiting')) === 0, 'The first look');
    expect(await value('queue.progress_age')).toBe(0);
    await deliver(receiver.url, ofCall('evt_1'));
    await eventually(async () => (await value('queue.waiting')) === 2, 'Two that wait');
    await eventually(async () => (await value('queue.progress_age'))! > 0.4, 'Their age');
    expect(await points('queue.waiting')).toMatchObject([
      {
        attributes: {
          'messaging.system.name': 'bullmq',
          'messaging.destination.name': queueName,
        },
      },
    ]);
    await receiver.app.close();

    const worker = await start({ queueName, role: 'work', attempts: 1 });
    await eventually(() => worker.calls.runs.length === 2, 'The runs of the first event');
    worker.calls.failures.bill = 10;
    await deliver((await start({ queueName, role: 'receive', attempts: 1 })).url, ofCall('evt_2'));
    await eventually(async () => (await value('queue.failed')) === 1, 'A dead letter');
    await eventually(async () => (await value('queue.waiting')) === 0, 'None that waits');
    expect(await value('queue.progress_age')).toBe(0);
  });

  it('tell which handlers are stuck, until they settle', async () => {
    const limits = { handlerTimeout: 50, graceTimeout: 50, attempts: 1 };
    const { url, calls } = await start(limits);
    const stuck = deferred();
    calls.gate = stuck.promise;
    await deliver(url, { id: 'evt_1' });
    const runs = async () =>
      (await points('stuck_handlers')).map(({ attributes, value }) => [
        (attributes as Record<string, string>)['revrag.webhook.handler'],
        value,
      ]);
    const all = async (count: number) =>
      (await runs()).filter(([, value]) => value === count).length === 2;
    await eventually(() => all(1), 'Both');
    expect((await runs()).map(([handler]) => handler).sort()).toEqual(['bill', 'save']);
    stuck.resolve();
    await eventually(() => all(0), 'None');
  });
}

describeWithRedis('metrics of a queue on Redis', () => {
  describeMetrics(useRedis(), url => ({ connection: { url } }));
});

describeWithPostgres('metrics of a queue on PostgreSQL', () => {
  describeMetrics(usePostgres(), url => ({ postgres: url }));
});
