import {
  metrics,
  type Attributes,
  type Counter,
  type Gauge,
  type Histogram,
  type UpDownCounter,
} from '@opentelemetry/api';
import type { DeliveryReport } from '../core/handlers/revrag-observer.js';
import type { QueueDepth } from '../core/handlers/telemetry.js';
import { CALL_ENDED } from '../core/events/revrag-event.js';
import * as names from './conventions.js';

const SECONDS = { unit: 's', advice: { explicitBucketBoundaries: names.DURATION_BUCKETS } };

/** Counts and measures. No attribute holds what a sender chose, such as an id. */
export class DeliveryMetrics {
  private readonly deliveries: Counter;
  private readonly violations: Counter;
  private readonly processing: Histogram;
  private readonly sending: Histogram;
  private readonly handling: Histogram;
  private readonly stuckHandlers: UpDownCounter;
  private readonly waiting: Gauge;
  private readonly failed: Gauge;
  private readonly progressAge: Gauge;

  constructor(scope: string) {
    const meter = metrics.getMeter(scope, undefined, { schemaUrl: names.SCHEMA_URL });
    this.deliveries = meter.createCounter(names.DELIVERIES, {
      description: 'Deliveries by what became of them.',
      unit: '{delivery}',
    });
    this.violations = meter.createCounter(names.VIOLATIONS, {
      description: 'Fields that break the contract.',
      unit: '{violation}',
    });
    this.processing = meter.createHistogram(names.PROCESS_DURATION, {
      description: 'Duration of processing a delivery, or a job of the queue.',
      ...SECONDS,
    });
    this.sending = meter.createHistogram(names.OPERATION_DURATION, {
      description: 'Duration of persisting jobs in the queue.',
      ...SECONDS,
    });
    this.handling = meter.createHistogram(names.HANDLER_DURATION, {
      description: 'Duration of a handler.',
      ...SECONDS,
    });
    this.stuckHandlers = meter.createUpDownCounter(names.STUCK_HANDLERS, {
      description: 'Runs of handlers that have not settled graceTimeout after handlerTimeout.',
      unit: '{run}',
    });
    this.waiting = meter.createGauge(names.QUEUE_WAITING, {
      description: 'Jobs that a worker can take now.',
      unit: '{job}',
    });
    this.failed = meter.createGauge(names.QUEUE_FAILED, {
      description: 'Dead letters.',
      unit: '{job}',
    });
    this.progressAge = meter.createGauge(names.QUEUE_PROGRESS_AGE, {
      description: 'For how long jobs have waited and no worker has taken one.',
      unit: 's',
    });
  }

  /** @param attributes Of the conventions; durations are in seconds. */
  delivered(
    report: Omit<DeliveryReport, 'duration'>,
    duration: number,
    attributes: Attributes,
  ): void {
    const { endpoint, outcome, code, statusCode, type } = report;
    this.deliveries.add(1, {
      [names.ENDPOINT]: endpoint,
      [names.OUTCOME]: outcome,
      ...(code !== undefined && { [names.CODE]: code }),
      // The type is not covered by the signature, so a replay may carry any.
      ...(type !== undefined && { [names.EVENT_TYPE]: type === CALL_ENDED ? type : names.OTHER }),
      [names.HTTP_STATUS_CODE]: statusCode,
    });
    if (report.violations) {
      this.violations.add(report.violations.length, { [names.ENDPOINT]: endpoint });
    }
    this.processing.record(duration, { ...attributes, [names.OUTCOME]: outcome });
  }

  handled(duration: number, handlerId: string, failure: Attributes): void {
    this.handling.record(duration, { [names.HANDLER]: handlerId, ...failure });
  }

  sent(duration: number, attributes: Attributes): void {
    this.sending.record(duration, attributes);
  }

  ran(duration: number, attributes: Attributes): void {
    this.processing.record(duration, attributes);
  }

  /** @param change 1 when a run is stuck, -1 when it has settled. */
  stuck(handlerId: string, change: 1 | -1): void {
    this.stuckHandlers.add(change, { [names.HANDLER]: handlerId });
  }

  queue({ waiting, failed, progressAge }: QueueDepth, attributes: Attributes): void {
    this.waiting.record(waiting, attributes);
    this.failed.record(failed, attributes);
    this.progressAge.record(progressAge, attributes);
  }
}
