import { Injectable } from '@nestjs/common';
import { CallEndedDto, Delivery, OnCallEnded } from 'nestjs-revrag-webhook';

/** Your code: what happens when a call has ended. */
@Injectable()
export class CallsService {
  readonly saved: string[] = [];

  @OnCallEnded()
  save(call: CallEndedDto, delivery: Delivery): void {
    this.saved.push(call.call_id);
    console.log(`    save: delivery ${delivery.id}, ${delivery.rawBody.length} bytes`);
  }
}
