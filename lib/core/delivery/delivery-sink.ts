import type { RevragEvent } from '../events/revrag-event.js';
import type { Handler, HandlerResult } from '../handlers/handler.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';

/**
 * Runs a claimed event's handlers, or persists the event for workers. The class is also the injection token:
 * provide it from a global module to replace the inline sink.
 */
export abstract class DeliverySink {
  /**
   * @returns one result for each handler, in the same order. A rejection means that the event could not be
   * persisted: the sender gets 503 and the claim ends.
   */
  abstract dispatch(
    event: RevragEvent,
    handlers: readonly Handler[],
  ): readonly Promise<HandlerResult>[];

  /**
   * Keeps an authentic delivery that was rejected for its payload, for a later release to read.
   *
   * @throws if it could not be kept; the sender then gets 503 instead of 400
   */
  keepRejected?(delivery: VerifiedDelivery): Promise<void>;
}
