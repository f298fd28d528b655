import { Injectable } from '@nestjs/common';
import { DeliverySink, type SinkResult } from '../core/delivery/delivery-sink.js';
import type { RevragEvent } from '../core/events/revrag-event.js';
import type { Handler } from '../core/handlers/handler.js';
import { EventQueue } from './event-queue.js';

const QUEUED: SinkResult = { status: 'queued' };

/** Persists an event; workers call its handlers. */
@Injectable()
export class QueueSink extends DeliverySink {
  constructor(private readonly queue: EventQueue) {
    super();
  }

  accept({ delivery }: RevragEvent, handlers: readonly Handler[]): Promise<SinkResult> {
    const handlerIds = handlers.map(({ id }) => id);
    return this.queue.add(delivery, handlerIds).then(() => QUEUED);
  }
}
