import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../core/common/clock.js';
import { within } from '../core/common/within.js';
import { BullConnector, type EventQueueClient } from './bull-connector.js';
import { EventWorker } from './event-worker.js';
import { EVENT_QUEUE } from './tokens.js';

/** How long a connection may take to close before it is cut, in milliseconds. */
const CLOSE_PATIENCE_MS = 2_000;

/** The connections of the queue and of its worker. */
@Injectable()
export class QueueConnections {
  constructor(
    private readonly connector: BullConnector,
    private readonly worker: EventWorker,
    @Inject(EVENT_QUEUE) private readonly queue: EventQueueClient,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws RevragConfigurationError if the server can't serve what the app does with the queue */
  async open(): Promise<void> {
    await Promise.all([this.connector.check(this.queue), this.worker.prepare()]);
  }

  async close(): Promise<void> {
    const { connector, worker, queue } = this;
    connector.stopReconnecting();
    await this.inTime(queue.close());
    // A connection that is down can't be closed in order.
    await this.inTime(Promise.allSettled([queue.disconnect(), worker.disconnect()]));
    connector.close();
  }

  private async inTime(closing: Promise<unknown>): Promise<void> {
    await within(closing, CLOSE_PATIENCE_MS, this.clock).catch(() => undefined);
  }
}
