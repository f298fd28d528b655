import type { Awaitable } from '../common/awaitable.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { HandlerResult } from '../handlers/handler-result.js';
import type { Handler } from '../handlers/handler.js';

/**
 * Takes charge of a claimed event. The class is the injection token as well: provide it from a global
 * module to replace the inline one.
 */
export abstract class DeliverySink {
  /**
   * @returns one result for each handler, in their order. A rejection means that the event could not be
   * persisted: the sender gets 503 and the claim ends.
   */
  abstract accept(
    event: RevragEvent,
    handlers: readonly Handler[],
  ): readonly Awaitable<HandlerResult>[];
}
