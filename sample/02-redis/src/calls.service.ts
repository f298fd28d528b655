import { Injectable, Logger } from '@nestjs/common';
import { CallEndedDto, OnCallEnded } from 'nestjs-revrag-webhook';

@Injectable()
export class CallsService {
  private readonly logger = new Logger(CallsService.name);

  @OnCallEnded()
  save(call: CallEndedDto): void {
    this.logger.log(`Call ${call.call_id} took ${call.duration ?? '?'} s`);
  }
}
