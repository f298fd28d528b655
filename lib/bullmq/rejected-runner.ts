import { Injectable } from '@nestjs/common';
import { identityOf } from '../core/delivery/delivery-identity.js';
import { HandlerRegistry } from '../core/handlers/handler.registry.js';
import type { RejectedJobData } from './event-job.js';
import { EventQueue } from './event-queue.js';
import { StoredEvents } from './stored-events.js';

/** Reads a delivery again that was rejected: a newer release may be able to. */
@Injectable()
export class RejectedRunner {
  constructor(
    private readonly queue: EventQueue,
    private readonly registry: HandlerRegistry,
    private readonly events: StoredEvents,
  ) {}

  async run(data: RejectedJobData): Promise<void> {
    const { verified: delivery, event } = await this.events.read(data, data.strict);
    const { payload } = event;
    const handlerIds = this.registry.match(event).map(({ id }) => id);
    await this.queue.add(
      { delivery, payload, key: identityOf(delivery, payload).body },
      handlerIds,
    );
  }
}
