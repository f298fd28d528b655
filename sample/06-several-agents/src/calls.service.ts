import { Injectable } from '@nestjs/common';
import { CallEndedDto, Delivery, OnCallEnded } from 'nestjs-revrag-webhook';

interface LoanFields {
  plan?: string;
}

/** Your code. */
@Injectable()
export class CallsService {
  readonly seen: string[] = [];

  @OnCallEnded({ endpoint: 'loans' })
  saveLoan(call: CallEndedDto<LoanFields>): void {
    this.note(`loan call ${call.call_id}, plan ${call.variables_fields?.plan ?? 'unknown'}`);
  }

  @OnCallEnded({ endpoint: 'cards' })
  saveCard(call: CallEndedDto): void {
    this.note(`card call ${call.call_id}`);
  }

  /** Without `endpoint`: calls of all agents. */
  @OnCallEnded()
  count(call: CallEndedDto, delivery: Delivery): void {
    this.note(`${call.call_id} came to ${delivery.endpoint}`);
  }

  private note(text: string): void {
    this.seen.push(text);
    console.log(`    ${text}`);
  }
}
