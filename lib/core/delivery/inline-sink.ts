import { Injectable } from '@nestjs/common';
import type { RevragEvent } from '../events/revrag-event.js';
import type { HandlerResult } from '../handlers/handler-result.js';
import { HandlerDispatcher } from '../handlers/handler.dispatcher.js';
import type { Handler } from '../handlers/handler.js';
import { DeliverySink } from './delivery-sink.js';

/** Calls the handlers, all started together, before the sender gets its answer. */
@Injectable()
export class InlineSink extends DeliverySink {
  constructor(private readonly dispatcher: HandlerDispatcher) {
    super();
  }

  accept(event: RevragEvent, handlers: readonly Handler[]): Promise<HandlerResult>[] {
    const contexts = this.dispatcher.contextsOf(event.delivery);
    return handlers.map(handler => this.dispatcher.dispatch(event, handler, contexts));
  }
}
