import { Injectable } from '@nestjs/common';
import { SpanKind, SpanStatusCode, context, trace } from '@opentelemetry/api';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { OnCallEnded, RevragWebhookModule, type CallEndedDto } from 'nestjs-revrag-webhook';
import { RevragTelemetryModule } from 'nestjs-revrag-webhook/opentelemetry';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import * as names from '../../../lib/opentelemetry/conventions.js';
import { SECRET, startApp } from '../../support/app.js';
import { PATH, deliver, genuine, post } from '../../support/send.js';
import { useTelemetry } from '../../support/telemetry.js';
import { UnreliableStore } from '../../support/unreliable-store.js';

const telemetry = useTelemetry();

class Overdrawn extends Error {}

@Injectable()
class Calls {
  @OnCallEnded()
  save() {
    trace.getTracer('app').startSpan('INSERT calls').end();
  }

  @OnCallEnded()
  bill({ duration, summary }: CallEndedDto) {
    if (duration === 13) throw new Overdrawn(`overdrawn: ${summary}`);
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    if (duration === 14) throw 'overdrawn';
  }
}

async function start(store = new UnreliableStore()) {
  const imports = [
    RevragWebhookModule.forRoot({ secret: SECRET, idempotency: { store } }),
    RevragTelemetryModule,
  ];
  return { ...(await startApp({ imports, providers: [Calls] })), store };
}

describe('the span of a delivery', () => {
  it('has those of its handlers under it, and theirs under them', async () => {
    const { url } = await start();
    await deliver(url, { id: 'evt_1' });
    expect(telemetry.current.tree).toEqual([
      'INSERT calls < handle Calls.save',
      'handle Calls.bill < process default',
      'handle Calls.save < process default',
      'process default < -',
    ]);
    const delivery = telemetry.current.span('process default')!;
    expect(delivery.kind).toBe(SpanKind.CONSUMER);
    expect(delivery.status.code).toBe(SpanStatusCode.UNSET);
    expect(delivery.attributes).toEqual({
      'messaging.system.name': 'revrag',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'default',
      'messaging.message.id': 'evt_1',
      'http.response.status_code': 200,
      'revrag.webhook.outcome': 'processed',
      'revrag.webhook.delivery.id': 'evt_1',
      'revrag.webhook.event.type': 'call.ended',
      'revrag.webhook.handlers': ['Calls.save', 'Calls.bill'],
    });
    const handler = telemetry.current.span('handle Calls.save')!;
    expect(handler.kind).toBe(SpanKind.INTERNAL);
    expect(handler.attributes).toEqual({
      'revrag.webhook.handler': 'Calls.save',
      'revrag.webhook.endpoint': 'default',
      'revrag.webhook.delivery.id': 'evt_1',
      'revrag.webhook.event.type': 'call.ended',
    });
    expect(handler.instrumentationScope.schemaUrl).toBe(names.SCHEMA_URL);
  });

  it("is under the span of the HTTP server's instrumentation", async () => {
    const imports = [RevragWebhookModule.forRoot(SECRET), RevragTelemetryModule];
    const { url } = await startApp({ imports, providers: [Calls] }, {}, app => {
      app.use(
        (_request: unknown, response: { on(e: string, f: () => void): void }, next: () => void) => {
          const span = trace.getTracer('http').startSpan('POST');
          response.on('finish', () => span.end());
          context.with(trace.setSpan(context.active(), span), next);
        },
      );
    });
    await deliver(url);
    expect(telemetry.current.tree).toContain('process default < POST');
  });

  it('is an error where a handler failed, which is named by its class alone', async () => {
    const { url } = await start();
    await deliver(url, { body: callEnded({ duration: 13 }) });
    const delivery = telemetry.current.span('process default')!;
    expect(delivery.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(delivery.attributes).toMatchObject({
      'error.type': 'handler_failed',
      'http.response.status_code': 500,
      'revrag.webhook.outcome': 'failed',
      'revrag.webhook.unfinished_handlers': ['Calls.bill'],
    });
    const [saved, billed] = ['save', 'bill'].map(name =>
      telemetry.current.span(`handle Calls.${name}`)!,
    );
    expect(saved!.status.code).toBe(SpanStatusCode.UNSET);
    expect(billed!.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(billed!.attributes).toMatchObject({ 'error.type': 'Overdrawn' });
    expect(billed!.events).toEqual([]);
  });

  it('is an error where the store is away, and none where the sender is to blame', async () => {
    const { url, store } = await start();
    const forged = await deliver(url, { secret: 'another' });
    const headless = await post(url + PATH, { headers: {}, body: '{}' });
    store.breakAll();
    const refused = await deliver(url, { id: 'evt_1' });
    expect([forged.status, headless.status, refused.status]).toEqual([401, 401, 503]);
    const spans = telemetry.current.spans;
    expect(
      spans.map(({ status, attributes }) => [
        status.code,
        attributes['revrag.webhook.code'],
        attributes['error.type'],
        attributes['messaging.message.id'],
      ]),
    ).toEqual([
      [SpanStatusCode.UNSET, 'signature_mismatch', undefined, undefined],
      [SpanStatusCode.UNSET, 'missing_header', undefined, undefined],
      [SpanStatusCode.ERROR, 'store_unavailable', 'store_unavailable', 'evt_1'],
    ]);
  });
});

describe('metrics', () => {
  it('count deliveries by outcome and code', async () => {
    const { url, store } = await start();
    await deliver(url, { id: 'evt_1' });
    await deliver(url, { id: 'evt_1' });
    await deliver(url, { type: 'call.rescored' });
    await deliver(url, { secret: 'another' });
    await post(url + PATH, { headers: {}, body: '{}' });
    await deliver(url, { body: callEnded({ duration: 13 }) });
    await deliver(url, { body: '{' });
    store.breakAll();
    await deliver(url, { body: callEnded({ call_id: 'other' }) });
    const points = await telemetry.current.points('revrag.webhook.deliveries');
    const of = (
      status: number,
      outcome: string,
      code?: string,
      type: string | undefined = 'call.ended',
    ) => ({
      value: 1,
      attributes: {
        'revrag.webhook.endpoint': 'default',
        'http.response.status_code': status,
        'revrag.webhook.outcome': outcome,
        ...(code && { 'revrag.webhook.code': code }),
        ...(type && { 'revrag.webhook.event.type': type }),
      },
    });
    expect(points.map(({ value, attributes }) => ({ value, attributes }))).toEqual([
      of(200, 'processed'),
      of(200, 'duplicate'),
      of(200, 'ignored', undefined, '_OTHER'),
      of(401, 'refused', 'signature_mismatch', ''),
      of(401, 'refused', 'missing_header', ''),
      of(500, 'failed', 'handler_failed'),
      of(400, 'refused', 'malformed_json'),
      of(503, 'refused', 'store_unavailable'),
    ]);
  });

  it('measure deliveries and handlers in seconds', async () => {
    const { url } = await start();
    await deliver(url);
    await deliver(url, { body: callEnded({ duration: 13 }) });
    await deliver(url, { body: callEnded({ duration: 14 }) });
    const metrics = await telemetry.current.metrics();
    for (const { descriptor, dataPoints } of metrics) {
      if (!descriptor.name.endsWith('duration')) continue;
      expect(descriptor.unit).toBe('s');
      for (const { value } of dataPoints) {
        const { sum, buckets } = value as { sum: number; buckets: { boundaries: number[] } };
        expect(sum).toBeGreaterThan(0);
        expect(sum).toBeLessThan(60);
        expect(buckets.boundaries).toEqual(names.DURATION_BUCKETS);
      }
    }
    const handling = await telemetry.current.points('revrag.webhook.handler.duration');
    expect(handling.map(({ attributes }) => attributes)).toEqual(
      expect.arrayContaining([
        { 'revrag.webhook.handler': 'Calls.save' },
        { 'revrag.webhook.handler': 'Calls.bill' },
        { 'revrag.webhook.handler': 'Calls.bill', 'error.type': 'Overdrawn' },
        { 'revrag.webhook.handler': 'Calls.bill', 'error.type': '_OTHER' },
      ]),
    );
    const processing = await telemetry.current.points('messaging.process.duration');
    expect(processing.map(({ attributes }) => attributes)).toContainEqual({
      'messaging.system.name': 'revrag',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'default',
      'revrag.webhook.outcome': 'processed',
    });
  });
});

describe('what a sender chose', () => {
  const MARK = 'Zx9Marker';

  it('is in no metric, and of it in spans only id and type of authentic deliveries', async () => {
    const { url } = await start();
    const personal = (overrides: object = {}) =>
      callEnded({ call_id: MARK, summary: MARK, agent_id: MARK, [MARK]: MARK, ...overrides });
    await deliver(url, { id: `id-${MARK}`, body: personal() });
    await deliver(url, { id: `id-${MARK}`, type: `type-${MARK}`, body: personal({ a: 1 }) });
    await deliver(url, { id: `id-${MARK}`, body: personal({ duration: 13 }) });
    await deliver(url, { id: `id-${MARK}`, body: personal({ duration: MARK }) });
    await deliver(url, { id: `forged-${MARK}`, secret: 'another', body: personal() });
    await post(url + PATH, { headers: { 'x-webhook-id': `headless-${MARK}` }, body: MARK });
    const { headers } = genuine({ body: personal() });
    await post(`${url}${PATH}?${MARK}`, { headers, body: MARK });

    const metrics = await telemetry.current.metrics();
    expect(metrics.map(({ descriptor }) => descriptor.name).sort()).toEqual([
      'messaging.process.duration',
      'revrag.webhook.deliveries',
      'revrag.webhook.handler.duration',
      'revrag.webhook.violations',
    ]);
    expect(JSON.stringify(metrics)).not.toContain(MARK);
    expect(JSON.stringify(metrics)).not.toContain(SECRET);

    const spans = telemetry.current.spans.map(({ name, attributes, events, status, links }) =>
      JSON.stringify({ name, attributes, events, status, links }),
    );
    const rest = spans.join('\n').replaceAll(`id-${MARK}`, '').replaceAll(`type-${MARK}`, '');
    expect(spans.join('\n')).toContain(`id-${MARK}`);
    expect(rest).not.toContain(MARK);
    expect(rest).not.toContain(SECRET);
  });

  it('is cut to a length', async () => {
    const { url } = await start();
    await deliver(url, { id: 'i'.repeat(200), type: 't'.repeat(200) });
    const { attributes } = telemetry.current.span('process default')!;
    expect(attributes['messaging.message.id']).toBe(`${'i'.repeat(128)}…`);
    expect(attributes['revrag.webhook.event.type']).toBe(`${'t'.repeat(128)}…`);
  });
});

it('has the names of the semantic conventions', () => {
  expect(names).toMatchObject({
    ERROR_TYPE: conventions.ATTR_ERROR_TYPE,
    HTTP_STATUS_CODE: conventions.ATTR_HTTP_RESPONSE_STATUS_CODE,
    SYSTEM: conventions.ATTR_MESSAGING_SYSTEM_NAME,
    OPERATION_NAME: conventions.ATTR_MESSAGING_OPERATION_NAME,
    OPERATION_TYPE: conventions.ATTR_MESSAGING_OPERATION_TYPE,
    DESTINATION: conventions.ATTR_MESSAGING_DESTINATION_NAME,
    MESSAGE_ID: conventions.ATTR_MESSAGING_MESSAGE_ID,
    BATCH_COUNT: conventions.ATTR_MESSAGING_BATCH_MESSAGE_COUNT,
    PROCESS_DURATION: conventions.METRIC_MESSAGING_PROCESS_DURATION,
    OPERATION_DURATION: conventions.METRIC_MESSAGING_CLIENT_OPERATION_DURATION,
    OTHER: conventions.ERROR_TYPE_VALUE_OTHER,
  });
});
