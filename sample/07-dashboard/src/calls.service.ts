import { Injectable } from '@nestjs/common';
import { CallEndedDto, OnCallEnded } from 'nestjs-revrag-webhook';

/** Your code: the dashboard only watches. */
@Injectable()
export class CallsService {
  readonly saved = new Set<string>();

  @OnCallEnded()
  save(call: CallEndedDto): void {
    this.saved.add(call.call_id);
  }
}
