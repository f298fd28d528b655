import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../common/awaitable.js';
import type { RevragEvent } from '../events/revrag-event.js';
import { HandlerDispatcher } from '../handlers/handler.dispatcher.js';
import type { Handler } from '../handlers/handler.js';
import { DeliverySink, type SinkResult } from './delivery-sink.js';

const HANDLED: SinkResult = { status: 'handled' };

/** Calls the handlers before the sender is answered. */
@Injectable()
export class InlineSink extends DeliverySink {
  constructor(private readonly dispatcher: HandlerDispatcher) {
    super();
  }

  accept(
    event: RevragEvent,
    handlers: readonly Handler[],
    finished: (handlerId: string) => void,
  ): Awaitable<SinkResult> {
    const settled = this.dispatcher.dispatchAll(event, handlers, finished);
    return settled ? settled.then(() => HANDLED) : HANDLED;
  }
}
