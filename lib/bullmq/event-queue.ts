import { Inject, Injectable, Optional } from '@nestjs/common';
import { BoundedWait } from '../core/common/bounded-wait.js';
import { Clock } from '../core/common/clock.js';
import { DeliveryObserver, type TraceCarrier } from '../core/handlers/delivery-observer.js';
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
import { QueueWrites } from './queue-writes.js';
import { BULL_OPTIONS, EVENT_QUEUE } from './tokens.js';

/** Persists deliveries as jobs. Persisting one again adds nothing. */
@Injectable()
export class EventQueue {
  private readonly wait: BoundedWait;
  private readonly writes: QueueWrites;

  constructor(
    @Inject(EVENT_QUEUE) private readonly queue: EventQueueClient,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) clock: Clock,
    @Optional() @Inject(DeliveryObserver) private readonly observer?: DeliveryObserver,
  ) {
    this.writes = new QueueWrites(queue);
    this.wait = new BoundedWait('The queue', options.persistTimeout, clock);
  }

  /** One job for each handler, so that each is retried on its own. */
  add(delivery: DeliveryToStore, handlerIds: readonly string[]): Promise<void> {
    if (handlerIds.length === 0) return Promise.resolve();
    return this.send(handlerIds.length, async carrier => {
      const storing = storeDelivery(delivery, carrier);
      const stored = 'v' in storing ? storing : await storing;
      const jobs = handlerIds.map(handler => ({
        name: handler,
        data: { ...stored, handler } satisfies JobData,
        opts: this.jobOptions(handlerJobId(delivery, handler)),
      }));
      await this.addAll(jobs);
    });
  }

  private addAll(jobs: Parameters<EventQueueClient['addBulk']>[0]): Promise<unknown> {
    if (!this.writes.isOnRedis) return this.queue.addBulk(jobs);
    this.writes.hold();
    // In one write as well, and no more atomic in a bulk, which costs several times as much for a few jobs.
    const adding = jobs.map(({ name, data, opts }) => this.queue.add(name, data, opts));
    return adding.length > 1 ? Promise.all(adding) : (adding[0] as Promise<unknown>);
  }

  /** One job that reads the delivery again: at once, and whenever its dead letter is retried. */
  async addRejected(delivery: DeliveryToStore): Promise<void> {
    await this.send(1, async carrier => {
      const data: JobData = { ...(await storeDelivery(delivery, carrier)), rejected: true };
      const opts = this.jobOptions(rejectedJobId(delivery));
      await this.addAll([{ name: REJECTED_JOB, data, opts }]);
    });
  }

  private jobOptions(jobId: string) {
    const { attempts, backoff } = this.options;
    return { attempts, backoff, jobId };
  }

  private send(count: number, work: (carrier?: TraceCarrier) => Promise<void>): Promise<void> {
    const { queueName: queue } = this.options;
    const inTime = (carrier?: TraceCarrier) => this.wait.run(() => work(carrier));
    return this.observer?.aroundSend({ queue, count }, inTime) ?? inTime();
  }
}
