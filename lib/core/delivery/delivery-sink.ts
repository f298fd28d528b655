import type { Awaitable } from '../common/awaitable.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Handler } from '../handlers/handler.js';

export type SinkResult =
  /** The handlers were called and have settled. */
  | { readonly status: 'handled' }
  /** The event is persisted; its handlers are called later, by somebody who has read it back. */
  | { readonly status: 'queued' };

/**
 * Takes charge of a claimed event. The class is the injection token as well: provide it from a global
 * module to replace the inline one.
 */
export abstract class DeliverySink {
  /**
   * @param finished To be told each handler that has finished, at once: its progress is recorded while others run.
   * @returns rejects when the event could not be persisted; the sender gets 503 and the claim is released
   */
  abstract accept(
    event: RevragEvent,
    handlers: readonly Handler[],
    finished: (handlerId: string) => void,
  ): Awaitable<SinkResult>;
}
