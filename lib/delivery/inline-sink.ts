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
    const runs = this.dispatcher.dispatch(event, handlers).map(run =>
      run.then(({ ok, handlerId }) => {
        if (ok) finished(handlerId);
      }),
    );
    await Promise.all(runs);
    return { status: 'handled' };
  }
}
