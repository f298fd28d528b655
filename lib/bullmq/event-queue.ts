import { Inject, Injectable, Optional } from '@nestjs/common';
import { BoundedWait } from '../core/common/bounded-wait.js';
import { Clock } from '../core/common/clock.js';
import { EndpointRegistry } from '../core/delivery/endpoint-registry.js';
import { Telemetry, type TraceCarrier } from '../core/handlers/telemetry.js';
import type { VerifiedDelivery } from '../core/signature/verified-delivery.js';
import type { EventQueueClient } from './bull-connector.js';
import {
  handlerJobId,
  handlerJobName,
  rejectedJobId,
  rejectedJobName,
  storeDelivery,
  type JobData,
} from './event-job.js';
import type { NewJob, QueueWrites } from './new-jobs.js';
import { queueWrites } from './queue-writes.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { BULL_OPTIONS, EVENT_QUEUE } from './tokens.js';

/** An event for handlers. */
interface EventToAdd {
  readonly delivery: VerifiedDelivery;
  /** `Delivery.key`. */
  readonly key: string;
  readonly payload: unknown;
}

/** Persists deliveries as jobs. Persisting one again adds nothing. */
@Injectable()
export class EventQueue {
  private readonly wait: BoundedWait;
  private readonly writes: QueueWrites;

  constructor(
    @Inject(EVENT_QUEUE) queue: EventQueueClient,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    private readonly endpoints: EndpointRegistry,
    @Inject(Clock) clock: Clock,
    @Optional() @Inject(Telemetry) private readonly telemetry?: Telemetry,
  ) {
    this.writes = queueWrites(queue);
    this.wait = new BoundedWait('The queue', options.persistTimeout, clock);
  }

  /** One job for each handler, so that each is retried on its own. */
  add({ delivery, key, payload }: EventToAdd, handlerIds: readonly string[]): Promise<void> {
    if (handlerIds.length === 0) return Promise.resolve();
    return this.send(handlerIds.length, async carrier => {
      const stored = await storeDelivery(delivery, carrier);
      const jobs = handlerIds.map(handler => ({
        name: handlerJobName(handler, payload, delivery.id),
        data: { ...stored, handler, key } satisfies JobData,
        opts: this.jobOptions(handlerJobId(key, handler)),
      }));
      await this.writes.add(jobs);
    });
  }

  /** One job that reads the delivery again: at once, and whenever its dead letter is retried. */
  async addRejected(delivery: VerifiedDelivery): Promise<void> {
    await this.send(1, async carrier => {
      const stored = await storeDelivery(delivery, carrier);
      const strict = this.endpoints.isStrict(delivery.endpoint) ?? false;
      const data: JobData = { ...stored, rejected: true, strict };
      const opts = this.jobOptions(rejectedJobId(delivery));
      await this.writes.add([{ name: rejectedJobName(delivery.id), data, opts }]);
    });
  }

  private jobOptions(jobId: string): NewJob['opts'] {
    const { attempts, backoff } = this.options;
    return { attempts, backoff, jobId };
  }

  private send(count: number, work: (carrier?: TraceCarrier) => Promise<void>): Promise<void> {
    const { queueName: queue } = this.options;
    const inTime = (carrier?: TraceCarrier) => this.wait.run(() => work(carrier));
    return this.telemetry?.aroundSend({ queue, count }, inTime) ?? inTime();
  }
}
