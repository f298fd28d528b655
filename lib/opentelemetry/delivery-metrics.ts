import { metrics, type Attributes, type Counter, type Histogram } from '@opentelemetry/api';
import type { DeliveryReport } from '../core/handlers/delivery-observer.js';
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
}
