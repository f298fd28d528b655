import { Injectable } from '@nestjs/common';
import { DeliverySink } from '../core/delivery/delivery-sink.js';
import { Delivery } from '../core/events/delivery.js';
import type { RevragEvent } from '../core/events/revrag-event.js';
import type { Handler, HandlerResult } from '../core/handlers/handler.js';
import type { VerifiedDelivery } from '../core/signature/verified-delivery.js';
import { EventQueue } from './event-queue.js';

/** Persists an event; workers call its handlers. */
@Injectable()
export class QueueSink extends DeliverySink {
  constructor(private readonly queue: EventQueue) {
    super();
  }

  dispatch(event: RevragEvent, handlers: readonly Handler[]): readonly Promise<HandlerResult>[] {
    const { delivery, payload } = event;
    const handlerIds = handlers.map(({ id }) => id);
    const persisted = this.queue.add(
      { delivery: Delivery.verified(delivery), key: delivery.key, payload },
      handlerIds,
    );
    const queued = persisted.then((): HandlerResult => ({ status: 'queued' }));
    return handlers.map(() => queued);
  }

  override keepRejected(delivery: VerifiedDelivery): Promise<void> {
    return this.queue.addRejected(delivery);
  }
}
