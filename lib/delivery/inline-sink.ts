import { Injectable } from '@nestjs/common';
import type { RevragEvent } from '../events/revrag-event.js';
import { HandlerDispatcher } from '../handlers/handler.dispatcher.js';
import type { Handler } from '../handlers/handler.js';
import { DeliverySink, type SinkResult } from './delivery-sink.js';

/** Calls the handlers before the sender is answered. */
@Injectable()
export class InlineSink extends DeliverySink {
  constructor(private readonly dispatcher: HandlerDispatcher) {
    super();
  }

  async accept(
    event: RevragEvent,
    handlers: readonly Handler[],
    finished: (handlerId: string) => void,
  ): Promise<SinkResult> {
    await this.dispatcher.dispatchAll(event, handlers, finished);
    return { status: 'handled' };
  }
}
