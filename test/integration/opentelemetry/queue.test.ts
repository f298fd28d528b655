import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import { RevragTelemetryModule } from 'nestjs-revrag-webhook/opentelemetry';
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { createHandlers, newQueueName, startQueueApp } from '../../support/queue-app.js';
import { deliver } from '../../support/send.js';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';
import { useTelemetry } from '../../support/telemetry.js';

describeWithRedis('a trace across the queue', () => {
  const redis = useRedis();
  const telemetry = useTelemetry();

  async function start(queueName: string, role: 'receive' | 'work') {
    const Calls = createHandlers();
    const options = { connection: { url: redis.url }, queueName, role };
    const started = await startQueueApp(options, {
      imports: [RevragTelemetryModule],
      providers: [Calls],
    });
    return { ...started, calls: started.app.get(Calls) };
  }

  const ended = (name: string, count: number) =>
    eventually(
      () => telemetry.current.spans.filter(span => span.name === name).length === count,
      `${count} spans ${name}`,
    );

  it('goes from the delivery to its handlers, and is carried by the job', async () => {
    const queueName = newQueueName();
    const { url, queue } = await start(queueName, 'receive');
    await deliver(url, { id: 'evt_1' });
    const [job] = await queue.getJobs('waiting');
    const send = telemetry.current.span(`send ${queueName}`)!;
    const { traceId, spanId } = send.spanContext();
    expect(job!.data).toMatchObject({ trace: { traceparent: `00-${traceId}-${spanId}-01` } });
    expect(Object.keys((job!.data as { trace: object }).trace)).toEqual(['traceparent']);

    await start(queueName, 'work');
    await ended(`process ${queueName}`, 2);
    expect(telemetry.current.tree).toEqual([
      'handle bill < process ' + queueName,
      'handle save < process ' + queueName,
      'process default < -',
      `process ${queueName} < send ${queueName}`,
      `process ${queueName} < send ${queueName}`,
      `send ${queueName} < process default`,
    ]);
    const process = telemetry.current.span(`process ${queueName}`)!;
    expect(process.kind).toBe(SpanKind.CONSUMER);
    expect(process.links.map(link => link.context.spanId)).toEqual([spanId]);
    expect(process.attributes).toEqual({
      'messaging.system.name': 'bullmq',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': queueName,
      'messaging.message.id': expect.any(String) as string,
      'revrag.webhook.endpoint': 'default',
      'revrag.webhook.delivery.id': 'evt_1',
      'revrag.webhook.event.type': 'call.ended',
      'revrag.webhook.attempt': 1,
    });
    expect(send.kind).toBe(SpanKind.PRODUCER);
    expect(send.attributes).toMatchObject({
      'messaging.system.name': 'bullmq',
      'messaging.operation.type': 'send',
      'messaging.batch.message_count': 2,
    });
    const delivery = telemetry.current.span('process default')!;
    expect(delivery.attributes).toMatchObject({
      'http.response.status_code': 202,
      'revrag.webhook.outcome': 'queued',
      'revrag.webhook.handlers': ['save', 'bill'],
    });
    await eventually(async () => (await queue.getCompletedCount()) === 2);
    for (const done of await queue.getJobs('completed')) {
      expect(JSON.stringify(done.data)).not.toContain(traceId);
    }
  });

  it('shows each attempt, and which of them failed', async () => {
    const queueName = newQueueName();
    const worker = await start(queueName, 'work');
    worker.calls.failures.bill = 1;
    const { url } = await start(queueName, 'receive');
    await deliver(url);
    await ended(`process ${queueName}`, 3);
    const runs = telemetry.current.spans.filter(({ name }) => name === `process ${queueName}`);
    const failed = runs.filter(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed.map(({ attributes }) => attributes)).toMatchObject([
      { 'error.type': 'Error', 'revrag.webhook.attempt': 1 },
    ]);
    expect(runs.some(({ attributes }) => attributes['revrag.webhook.attempt'] === 2)).toBe(true);
    const traces = new Set(telemetry.current.spans.map(span => span.spanContext().traceId));
    expect(traces.size).toBe(1);
    const points = await telemetry.current.points('messaging.process.duration');
    const ofQueue = {
      'messaging.system.name': 'bullmq',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': queueName,
    };
    expect(points.map(({ attributes }) => attributes)).toEqual(
      expect.arrayContaining([ofQueue, { ...ofQueue, 'error.type': 'Error' }]),
    );
    const sending = await telemetry.current.points('messaging.client.operation.duration');
    expect(sending.map(({ attributes }) => attributes)).toMatchObject([
      { 'messaging.operation.type': 'send', 'messaging.destination.name': queueName },
    ]);
  });

  it("is not the app's start, even where that had a span", async () => {
    const queueName = newQueueName();
    const boot = trace.getTracer('app').startSpan('boot');
    await context.with(trace.setSpan(context.active(), boot), () => start(queueName, 'work'));
    boot.end();
    const { url } = await start(queueName, 'receive');
    await deliver(url);
    await ended(`process ${queueName}`, 2);
    const job = telemetry.current.span(`process ${queueName}`)!;
    expect(job.spanContext().traceId).not.toBe(boot.spanContext().traceId);
    expect(telemetry.current.tree).toContain(`process ${queueName} < send ${queueName}`);
  });
});
