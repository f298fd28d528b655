import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../clock.js';
import { CircuitBreaker } from './circuit-breaker.js';
import type { EventQueueClient } from './bull-connector.js';
import {
  REJECTED_JOB,
  handlerJobId,
  rejectedJobId,
  storeDelivery,
  type DeliveryToStore,
  type JobData,
} from './event-job.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { BULL_OPTIONS, EVENT_QUEUE } from './tokens.js';

/** Persists deliveries as jobs. Persisting one again adds nothing. */
@Injectable()
export class EventQueue {
  private readonly breaker: CircuitBreaker;

  constructor(
    @Inject(EVENT_QUEUE) private readonly queue: EventQueueClient,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) clock: Clock,
  ) {
    this.breaker = new CircuitBreaker(clock, options.persistTimeout);
  }

  /** One job for each handler, so that each is retried on its own. */
  async add(delivery: DeliveryToStore, handlerIds: readonly string[]): Promise<void> {
    if (handlerIds.length === 0) return;
    await this.breaker.run(async () => {
      const stored = await storeDelivery(delivery);
      await this.queue.addBulk(
        handlerIds.map(handler => ({
          name: handler,
          data: { ...stored, handler } satisfies JobData,
          opts: { ...this.retries, jobId: handlerJobId(delivery, handler) },
        })),
      );
    });
  }

  /** One job that reads the delivery again: at once, and whenever its dead letter is retried. */
  async addRejected(delivery: DeliveryToStore): Promise<void> {
    await this.breaker.run(async () => {
      const data: JobData = { ...(await storeDelivery(delivery)), rejected: true };
      const jobId = rejectedJobId(delivery);
      await this.queue.add(REJECTED_JOB, data, { ...this.retries, jobId });
    });
  }

  private get retries() {
    const { attempts, backoff } = this.options;
    return { attempts, backoff };
  }
}
