import { Injectable } from '@nestjs/common';
import { RejectedDeliverySink } from '../core/delivery/rejected-delivery-sink.js';
import type { VerifiedDelivery } from '../core/signature/verified-delivery.js';
import { EventQueue } from './event-queue.js';

/** Keeps deliveries whose payload can't be read among the dead letters. */
@Injectable()
export class QueueRejectedSink extends RejectedDeliverySink {
  constructor(private readonly queue: EventQueue) {
    super();
  }

  async accept(delivery: VerifiedDelivery): Promise<void> {
    await this.queue.addRejected(delivery);
  }
}
