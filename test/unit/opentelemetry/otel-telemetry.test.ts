import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  propagation,
  trace,
} from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import type { DeliveryReport } from '../../../lib/core/handlers/revrag-observer.js';
import type { JobRun, TraceCarrier } from '../../../lib/core/handlers/telemetry.js';
import { OtelTelemetry } from '../../../lib/opentelemetry/otel-telemetry.js';
import { deferred } from '../../support/deferred.js';
import { useTelemetry } from '../../support/telemetry.js';

const telemetry = useTelemetry();
const SENDER = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
const CARRIER = { traceparent: `00-${SENDER.traceId}-${SENDER.spanId}-01` };

/** As the conventions advise for messaging, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

class QueueFull extends Error {}

const ofQueue = (operation: string) => ({
  'messaging.system.name': 'bullmq',
  'messaging.operation.name': operation,
  'messaging.operation.type': operation,
  'messaging.destination.name': 'calls',
});
const attributesOf = async (metric: string) =>
  (await telemetry.current.points(metric)).map(({ attributes }) => attributes);

describe('sending jobs', () => {
  const send = (count: number, work: (carrier?: TraceCarrier) => Promise<unknown>) =>
    new OtelTelemetry().aroundSend({ queue: 'calls', count }, work);

  it.each([
    [1, {}],
    [2, { 'messaging.batch.message_count': 2 }],
  ])('has a span, of %i that says how many if there are several', async (count, more) => {
    expect(await send(count, () => Promise.resolve('sent'))).toBe('sent');
    const span = telemetry.current.span('send calls')!;
    expect([span.kind, span.status.code]).toEqual([SpanKind.PRODUCER, SpanStatusCode.UNSET]);
    expect(span.attributes).toEqual({ ...ofQueue('send'), ...more });
    expect(await attributesOf('messaging.client.operation.duration')).toEqual([ofQueue('send')]);
  });

  it('gives the jobs its trace, without the baggage of the app', async () => {
    const baggage = propagation.createBaggage({ customer: { value: 'Ms Rao' } });
    let carrier: TraceCarrier | undefined;
    await context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () =>
      send(1, given => Promise.resolve((carrier = given))),
    );
    const { traceId, spanId } = telemetry.current.span('send calls')!.spanContext();
    expect(carrier).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
  });

  it('gives them nothing where the app propagates nothing', async () => {
    propagation.disable();
    let carrier: TraceCarrier | undefined = {};
    await send(1, given => Promise.resolve((carrier = given)));
    expect(carrier).toBeUndefined();
  });

  it('that fails is an error of the span and the metric, and fails as it did', async () => {
    const error = new QueueFull('card 4111');
    await expect(send(1, () => Promise.reject(error))).rejects.toBe(error);
    const span = telemetry.current.span('send calls')!;
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect([span.attributes, span.events]).toEqual([
      { ...ofQueue('send'), 'error.type': 'QueueFull' },
      [],
    ]);
    expect(await attributesOf('messaging.client.operation.duration')).toEqual([
      { ...ofQueue('send'), 'error.type': 'QueueFull' },
    ]);
  });
});

describe('running a job', () => {
  const run: JobRun = {
    queue: 'calls',
    jobId: 'job_1',
    attempt: 3,
    endpoint: 'loans',
    deliveryId: 'evt_1\n',
    type: 'call.ended\n',
    carrier: CARRIER,
  };
  const ofRun = {
    ...ofQueue('process'),
    'messaging.message.id': 'job_1',
    'revrag.webhook.endpoint': 'loans',
    'revrag.webhook.delivery.id': 'evt_1?',
    'revrag.webhook.event.type': 'call.ended?',
    'revrag.webhook.attempt': 3,
  };
  const start = (more: Partial<JobRun> = {}, work: () => Promise<unknown> = async () => {}) =>
    new OtelTelemetry().aroundJob({ ...run, ...more }, work);
  const span = () => telemetry.current.span('process calls')!;

  it("has a span in the sender's trace, linked with the sender", async () => {
    await start();
    expect(span().kind).toBe(SpanKind.CONSUMER);
    expect(span().attributes).toEqual(ofRun);
    expect(span().parentSpanContext).toMatchObject(SENDER);
    expect(span().links.map(link => link.context)).toMatchObject([SENDER]);
    expect(await attributesOf('messaging.process.duration')).toEqual([ofQueue('process')]);
  });

  it.each([undefined, {}])('has a trace of its own where the carrier is %o', async carrier => {
    await start({ carrier, jobId: undefined });
    expect(span().parentSpanContext).toBeUndefined();
    expect(span().links).toEqual([]);
    expect(span().attributes).not.toHaveProperty('messaging.message.id');
  });

  it("is within the worker's span, if that has not ended", async () => {
    for (const hasEnded of [false, true]) {
      const own = trace.getTracer('worker').startSpan('poll');
      if (hasEnded) own.end();
      await context.with(trace.setSpan(context.active(), own), () => start());
      own.end();
      const { parentSpanContext, links } = telemetry.current.spans.findLast(
        ({ name }) => name === 'process calls',
      )!;
      expect(parentSpanContext).toMatchObject(hasEnded ? SENDER : own.spanContext());
      expect(links).toHaveLength(1);
    }
  });

  it('that fails is an error, whose class need have no name', async () => {
    const nameless = new (class extends Error {})();
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    const failures = [nameless, 'text', new QueueFull()].map(error => () => Promise.reject(error));
    for (const work of failures) await expect(start({}, work)).rejects.toBeDefined();
    expect(telemetry.current.spans.map(({ attributes, status }) => [attributes, status])).toEqual(
      ['_OTHER', '_OTHER', 'QueueFull'].map(type => [
        { ...ofRun, 'error.type': type },
        { code: SpanStatusCode.ERROR },
      ]),
    );
  });
});

describe('a delivery', () => {
  const report: DeliveryReport = {
    endpoint: 'loans',
    outcome: 'refused',
    code: 'missing_header',
    statusCode: 401,
    duration: 1_500,
  };
  const ofLoans = {
    'messaging.system.name': 'revrag',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'loans',
  };
  const deliveries = () => attributesOf('revrag.webhook.deliveries');
  const took = async () => {
    const points = await telemetry.current.points('messaging.process.duration');
    return points.map(({ value }) => (value as { sum: number }).sum);
  };

  it('rejected by its headers has a span of the time that it took', async () => {
    new OtelTelemetry().outcome(report);
    const [span] = telemetry.current.spans;
    expect([span!.name, span!.kind]).toEqual(['process loans', SpanKind.CONSUMER]);
    expect(span!.attributes).toEqual({
      ...ofLoans,
      'revrag.webhook.outcome': 'refused',
      'revrag.webhook.code': 'missing_header',
      'http.response.status_code': 401,
    });
    const [seconds, nanoseconds] = span!.duration;
    expect(seconds + nanoseconds / 1e9).toBeCloseTo(1.5, 0);
    expect(await took()).toEqual([1.5]);
  });

  it('has the outcome of the first report, and each other report a span of its own', async () => {
    const observer = new OtelTelemetry();
    await observer.aroundDelivery('loans', () => {
      observer.outcome({ ...report, outcome: 'processed', code: undefined, statusCode: 200 });
      observer.outcome({ ...report, endpoint: 'cards' });
      return Promise.resolve();
    });
    expect(telemetry.current.tree).toEqual(['process cards < process loans', 'process loans < -']);
    expect(await deliveries()).toMatchObject([
      { 'revrag.webhook.endpoint': 'loans', 'revrag.webhook.outcome': 'processed' },
      { 'revrag.webhook.endpoint': 'cards', 'revrag.webhook.outcome': 'refused' },
    ]);
    expect((await took())[0]).toBeLessThan(1.5);
  });

  it('whose processing throws is an error of ours, once', async () => {
    const observer = new OtelTelemetry();
    const thrown = new TypeError('card 4111');
    await expect(observer.aroundDelivery('loans', () => Promise.reject(thrown))).rejects.toBe(
      thrown,
    );
    const settledFirst = observer.aroundDelivery('cards', () => {
      observer.outcome({ ...report, endpoint: 'cards' });
      return Promise.reject(thrown);
    });
    await expect(settledFirst).rejects.toBe(thrown);
    const [span] = telemetry.current.spans;
    expect(span!.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span!.attributes).toEqual({
      ...ofLoans,
      'revrag.webhook.outcome': 'error',
      'revrag.webhook.code': 'internal_error',
      'http.response.status_code': 500,
      'error.type': 'internal_error',
    });
    expect(await deliveries()).toHaveLength(2);
    expect((await took()).every(seconds => seconds < 60)).toBe(true);
  });

  it.each([
    [499, SpanStatusCode.UNSET, undefined],
    [500, SpanStatusCode.ERROR, '_OTHER'],
  ])('answered %i without a code has status %i and error type %s', (statusCode, status, type) => {
    new OtelTelemetry().outcome({ ...report, code: undefined, statusCode });
    const [span] = telemetry.current.spans;
    expect(span!.status.code).toBe(status);
    expect(span!.attributes['error.type']).toBe(type);
  });

  it('counts the fields that break the contract', async () => {
    const observer = new OtelTelemetry();
    observer.outcome({ ...report, violations: ['duration', 'end_time'] });
    observer.outcome(report);
    const points = await telemetry.current.points('revrag.webhook.violations');
    expect(points).toMatchObject([
      { value: 2, attributes: { 'revrag.webhook.endpoint': 'loans' } },
    ]);
  });
});

it('tells how deep a queue is', async () => {
  const depth = { waiting: 3, failed: 2, progressAge: 1.5 };
  new OtelTelemetry().queue('calls', depth);
  const attributes = { 'messaging.system.name': 'bullmq', 'messaging.destination.name': 'calls' };
  for (const [name, value] of [
    ['waiting', 3],
    ['failed', 2],
    ['progress_age', 1.5],
  ] as const) {
    expect(await telemetry.current.points(`revrag.webhook.queue.${name}`)).toMatchObject([
      { attributes, value },
    ]);
  }
});

it('counts a handler as stuck until it settles, whether it fails or not', async () => {
  const observer = new OtelTelemetry();
  const [one, two] = [deferred(), deferred()];
  observer.stuck('Calls.save', one.promise);
  observer.stuck('Calls.save', two.promise);
  observer.stuck('Calls.bill', Promise.resolve());
  const values = async () =>
    (await telemetry.current.points('revrag.webhook.stuck_handlers')).map(({ value }) => value);
  expect(await values()).toEqual([2, 0]);
  one.resolve();
  two.reject(new Error('no'));
  await new Promise(resolve => setImmediate(resolve));
  expect(await values()).toEqual([0, 0]);
});

it('has names, units and what they mean for its metrics', async () => {
  const observer = new OtelTelemetry();
  observer.outcome({
    endpoint: 'loans',
    outcome: 'ignored',
    statusCode: 200,
    duration: 1,
    violations: ['duration'],
  });
  const call = { handlerId: 'Calls.save', endpoint: 'loans', deliveryId: 'a', type: 'call.ended' };
  await observer.aroundHandler(call, () => Promise.resolve());
  await observer.aroundSend({ queue: 'calls', count: 1 }, () => Promise.resolve());
  observer.stuck('Calls.save', Promise.resolve());
  observer.queue('calls', { waiting: 0, failed: 0, progressAge: 0 });
  const metrics = await telemetry.current.metrics();
  expect(metrics.map(({ descriptor: { name, unit } }) => `${name} ${unit}`).sort()).toEqual([
    'messaging.client.operation.duration s',
    'messaging.process.duration s',
    'revrag.webhook.deliveries {delivery}',
    'revrag.webhook.handler.duration s',
    'revrag.webhook.queue.failed {job}',
    'revrag.webhook.queue.progress_age s',
    'revrag.webhook.queue.waiting {job}',
    'revrag.webhook.stuck_handlers {run}',
    'revrag.webhook.violations {violation}',
  ]);
  for (const { descriptor, dataPoints } of metrics) {
    expect(descriptor.description).toMatch(/^[A-Z].*\.$/);
    const buckets = (dataPoints[0]!.value as { buckets?: { boundaries: number[] } }).buckets;
    if (descriptor.name.endsWith('duration')) expect(buckets!.boundaries).toEqual(BUCKETS);
    // An exporter would write an attribute without a value.
    expect(Object.values(dataPoints[0]!.attributes)).not.toContain(undefined);
  }
});

it('has the scope of this package, and the schema of its conventions', async () => {
  new OtelTelemetry().outcome({
    endpoint: 'loans',
    outcome: 'ignored',
    statusCode: 200,
    duration: 1,
  });
  const [{ scope } = {}] = await telemetry.current.scopes();
  for (const own of [scope, telemetry.current.spans[0]!.instrumentationScope]) {
    expect(own).toMatchObject({
      name: 'nestjs-revrag-webhook',
      schemaUrl: expect.stringMatching(
        /^https:\/\/opentelemetry\.io\/schemas\/1\.\d+\.\d+$/,
      ) as unknown,
    });
  }
});
