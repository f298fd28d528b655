import { Injectable } from '@nestjs/common';
import { CallEndedDto, Delivery, OnCallEnded } from 'nestjs-revrag-webhook';

/** Your code: what happens when a call has ended. */
@Injectable()
export class CallsService {
  private readonly calls = new Map<string, CallEndedDto>();

  @OnCallEnded()
  save(call: CallEndedDto, delivery: Delivery): void {
    this.calls.set(call.call_id, call);
    // Printed because this is a demonstration. In production a transcript belongs in no log.
    console.log(`\n    CallsService.save() got delivery ${delivery.id}`);
    console.log(
      `      call ${call.call_id}: ${call.duration ?? '?'} s, for ${call.app_user_id ?? 'nobody'}`,
    );
    console.log(`      ${call.summary ?? 'no summary'}`);
    for (const { role, content } of call.transcription?.messages ?? []) {
      console.log(`      ${(role ?? '?').padStart(9)}: ${content ?? ''}`);
    }
    for (const { key, value } of call.custom_variables ?? []) {
      console.log(`      ${key} = ${JSON.stringify(value)}`);
    }
  }

  get size(): number {
    return this.calls.size;
  }
}
