import { Injectable } from '@nestjs/common';
import { CallEndedDto, Delivery, OnCallEnded } from 'nestjs-revrag-webhook';
import { LoanVariables } from './loan-variables.js';

interface LoanFields {
  plan?: string;
}

/** Your code. */
@Injectable()
export class CallsService {
  readonly seen: string[] = [];

  /** If the variables of a call do not fit, only `count()` runs. */
  @OnCallEnded({ endpoint: 'loans', variables: LoanVariables })
  saveLoan(
    call: CallEndedDto<LoanFields>,
    _delivery: Delivery,
    { interested_in_loan, amount }: LoanVariables,
  ): void {
    const plan = call.variables_fields?.plan ?? 'unknown';
    const interest = interested_in_loan ? `interested in ${amount ?? 'a loan'}` : 'not interested';
    this.note(`loan call ${call.call_id}, plan ${plan}, ${interest}`);
  }

  @OnCallEnded({ endpoint: 'cards' })
  saveCard(call: CallEndedDto): void {
    this.note(`card call ${call.call_id}`);
  }

  @OnCallEnded({ endpoint: 'branches' })
  saveBranch(call: CallEndedDto, { params }: Delivery): void {
    this.note(`call ${call.call_id} of branch ${params.agent}`);
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
