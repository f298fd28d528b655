import { Injectable } from '@nestjs/common';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  context,
  createContextKey,
  propagation,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanOptions,
} from '@opentelemetry/api';
import type { DeliveryReport, HandlerCall } from '../core/handlers/revrag-observer.js';
import type {
  JobRun,
  JobsSent,
  QueueDepth,
  Telemetry,
  TraceCarrier,
} from '../core/handlers/telemetry.js';
import { printable } from '../core/common/printable.js';
import * as names from './conventions.js';
import { DeliveryMetrics } from './delivery-metrics.js';

/** How a span begins. */
interface SpanStart {
  readonly name: string;
  readonly options: SpanOptions;
  readonly parent: Context;
}

/** A delivery whose outcome is not known yet. */
interface OpenDelivery {
  readonly span: Span;
  readonly startedAt: number;
  isSettled: boolean;
}

const SCOPE = 'nestjs-revrag-webhook';
const OPEN_DELIVERY = createContextKey('nestjs-revrag-webhook delivery');

/** Spans and metrics of OpenTelemetry. Without an SDK in the process the calls do nothing. */
@Injectable()
export class OtelTelemetry implements Telemetry {
  private readonly tracer = trace
    .getTracerProvider()
    .getTracer(SCOPE, undefined, { schemaUrl: names.SCHEMA_URL });
  private readonly metrics = new DeliveryMetrics(SCOPE);

  aroundDelivery<T>(endpoint: string, work: () => Promise<T>): Promise<T> {
    const options = { kind: SpanKind.CONSUMER, attributes: deliveryAttributes(endpoint) };
    const parent = context.active();
    const startedAt = performance.now();
    const span = this.tracer.startSpan(`process ${endpoint}`, options, parent);
    const open: OpenDelivery = { span, startedAt, isSettled: false };
    const own = trace.setSpan(parent, span).setValue(OPEN_DELIVERY, open);
    return this.run(own, span, work, failure => {
      if (!failure || open.isSettled) return;
      // The endpoint answers so where something unforeseen was thrown.
      const report = { endpoint, outcome: 'error', code: 'internal_error', statusCode: 500 };
      this.conclude(report, span, secondsSince(startedAt));
    });
  }

  outcome(report: DeliveryReport): void {
    const open = context.active().getValue(OPEN_DELIVERY) as OpenDelivery | undefined;
    if (open && !open.isSettled) {
      open.isSettled = true;
      return this.conclude(report, open.span, secondsSince(open.startedAt));
    }
    const { endpoint, duration } = report;
    const span = this.tracer.startSpan(`process ${endpoint}`, {
      kind: SpanKind.CONSUMER,
      attributes: deliveryAttributes(endpoint),
      startTime: Date.now() - duration,
    });
    this.conclude(report, span, duration / 1000);
    span.end();
  }

  aroundHandler<T>(call: HandlerCall, work: () => Promise<T>): Promise<T> {
    const { handlerId, endpoint, deliveryId, type } = call;
    const attributes = {
      [names.HANDLER]: handlerId,
      [names.ENDPOINT]: endpoint,
      [names.DELIVERY_ID]: printable(deliveryId),
      [names.EVENT_TYPE]: printable(type),
    };
    const options = { kind: SpanKind.INTERNAL, attributes };
    return this.measure(
      { name: `handle ${handlerId}`, options, parent: context.active() },
      work,
      (took, failure) => this.metrics.handled(took, handlerId, failure),
    );
  }

  aroundSend<T>(
    { queue, count }: JobsSent,
    work: (carrier?: TraceCarrier) => Promise<T>,
  ): Promise<T> {
    const attributes = queueAttributes('send', queue);
    const options = {
      kind: SpanKind.PRODUCER,
      attributes: count > 1 ? { ...attributes, [names.BATCH_COUNT]: count } : attributes,
    };
    const send = () => work(currentCarrier());
    return this.measure(
      { name: `send ${queue}`, options, parent: context.active() },
      send,
      (took, failure) => this.metrics.sent(took, { ...attributes, ...failure }),
    );
  }

  aroundJob<T>(run: JobRun, work: () => Promise<T>): Promise<T> {
    const attributes = queueAttributes('process', run.queue);
    const creation = propagation.extract(ROOT_CONTEXT, run.carrier ?? {});
    const created = trace.getSpanContext(creation);
    const options = {
      kind: SpanKind.CONSUMER,
      attributes: {
        ...attributes,
        ...(run.jobId !== undefined && { [names.MESSAGE_ID]: run.jobId }),
        [names.ENDPOINT]: run.endpoint,
        [names.DELIVERY_ID]: printable(run.deliveryId),
        [names.EVENT_TYPE]: printable(run.type),
        [names.ATTEMPT]: run.attempt,
      },
      links: created ? [{ context: created }] : [],
    };
    // A worker may have spans of its own; one that has ended is that of the app's start.
    const isInSpan = trace.getActiveSpan()?.isRecording() ?? false;
    const parent = isInSpan ? context.active() : creation;
    return this.measure({ name: `process ${run.queue}`, options, parent }, work, (took, failure) =>
      this.metrics.ran(took, { ...attributes, ...failure }),
    );
  }

  stuck(handlerId: string, settling: Promise<unknown>): void {
    this.metrics.stuck(handlerId, 1);
    const end = () => this.metrics.stuck(handlerId, -1);
    settling.then(end, end);
  }

  queue(name: string, depth: QueueDepth): void {
    this.metrics.queue(depth, { [names.SYSTEM]: 'bullmq', [names.DESTINATION]: name });
  }

  private conclude(report: Omit<DeliveryReport, 'duration'>, span: Span, duration: number): void {
    const { endpoint, outcome, code, statusCode, id, type, handlers, unfinished } = report;
    const failure = statusCode >= 500 ? { [names.ERROR_TYPE]: code ?? names.OTHER } : {};
    const attributes: Attributes = {
      [names.OUTCOME]: outcome,
      [names.CODE]: code,
      [names.HTTP_STATUS_CODE]: statusCode,
      [names.MESSAGE_ID]: id,
      [names.DELIVERY_ID]: id,
      [names.EVENT_TYPE]: type,
      [names.HANDLERS]: handlers && [...handlers],
      [names.UNFINISHED]: unfinished && [...unfinished],
      ...failure,
    };
    span.setAttributes(withoutUndefined(attributes));
    if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    this.metrics.delivered(report, duration, { ...deliveryAttributes(endpoint), ...failure });
  }

  /** Work in a span of its own; its error is known by its class alone, for a message may hold anything. */
  private measure<T>(
    { name, options, parent }: SpanStart,
    work: () => Promise<T>,
    record: (seconds: number, failure: Attributes) => void,
  ): Promise<T> {
    const startedAt = performance.now();
    const span = this.tracer.startSpan(name, options, parent);
    return this.run(trace.setSpan(parent, span), span, work, failure => {
      if (failure) span.setAttributes(failure).setStatus({ code: SpanStatusCode.ERROR });
      record(secondsSince(startedAt), failure ?? {});
    });
  }

  private async run<T>(
    own: Context,
    span: Span,
    work: () => Promise<T>,
    end: (failure?: Attributes) => void,
  ): Promise<T> {
    try {
      const result = await context.with(own, work);
      end();
      return result;
    } catch (error) {
      end({ [names.ERROR_TYPE]: classOf(error) });
      throw error;
    } finally {
      span.end();
    }
  }
}

const deliveryAttributes = (endpoint: string): Attributes => ({
  [names.SYSTEM]: 'revrag',
  [names.OPERATION_NAME]: 'process',
  [names.OPERATION_TYPE]: 'process',
  [names.DESTINATION]: endpoint,
});

const queueAttributes = (operation: 'send' | 'process', queue: string): Attributes => ({
  [names.SYSTEM]: 'bullmq',
  [names.OPERATION_NAME]: operation,
  [names.OPERATION_TYPE]: operation,
  [names.DESTINATION]: queue,
});

/** The active span for another process; baggage is left out, as it is the app's and rests in the queue. */
function currentCarrier(): TraceCarrier | undefined {
  const carrier: Record<string, string> = {};
  propagation.inject(propagation.deleteBaggage(context.active()), carrier);
  return Object.keys(carrier).length > 0 ? carrier : undefined;
}

const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1000;

const classOf = (error: unknown): string =>
  (error instanceof Error && error.constructor.name) || names.OTHER;

const withoutUndefined = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
