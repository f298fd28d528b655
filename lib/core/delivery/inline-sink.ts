import { Injectable } from '@nestjs/common';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Handler, HandlerResult } from '../handlers/handler.js';
import { HandlerDispatcher } from '../handlers/handler.dispatcher.js';
import { DeliverySink } from './delivery-sink.js';

/** Calls the handlers, all started together, before the sender gets its answer. */
@Injectable()
export class InlineSink extends DeliverySink {
  constructor(private readonly dispatcher: HandlerDispatcher) {
    super();
  }

  dispatch(event: RevragEvent, handlers: readonly Handler[]): Promise<HandlerResult>[] {
    const contexts = this.dispatcher.contextsOf(event.delivery);
    return handlers.map(handler => this.dispatcher.dispatch(event, handler, contexts));
  }
}
