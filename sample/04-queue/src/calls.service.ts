import { Injectable } from '@nestjs/common';
import { CallEndedDto, Delivery, OnCallEnded } from 'nestjs-revrag-webhook';

/** Your code. Each method is a separate job and is retried alone. */
@Injectable()
export class CallsService {
  readonly saved: string[] = [];
  readonly informed: string[] = [];

  @OnCallEnded()
  save(call: CallEndedDto, delivery: Delivery): void {
    this.saved.push(call.call_id);
    console.log(`    save:   call ${call.call_id}, attempt ${delivery.attempt}`);
  }

  /** The first attempt fails, to show a retry. */
  @OnCallEnded()
  inform(call: CallEndedDto, delivery: Delivery): void {
    console.log(`    inform: call ${call.call_id}, attempt ${delivery.attempt}`);
    if (delivery.attempt === 1) throw new Error('The other service is down');
    this.informed.push(call.call_id);
  }
}
