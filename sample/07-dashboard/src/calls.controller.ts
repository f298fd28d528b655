import { Controller, Sse, type MessageEvent } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { CallsFeed, type ShownCall } from './calls.feed.js';

/** Transcripts are personal data: in your app, put a guard here. */
@Controller('calls')
export class CallsController {
  constructor(private readonly feed: CallsFeed) {}

  @Sse()
  calls(): Observable<MessageEvent> {
    return this.feed.calls$.pipe(map((call: ShownCall) => ({ data: call })));
  }
}
