import type { Awaitable } from '../common/awaitable.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { HandlerResult } from '../handlers/handler-result.js';
import type { Handler } from '../handlers/handler.js';
import type { HeldClaim } from './held-claim.js';

/** An event whose claim is held, and the handlers to run for it. A class, as decision 29 says. */
export class Run {
  /** The handlers that have not settled, by their ids. */
  readonly running = new Map<string, Awaitable<HandlerResult>>();

  constructor(
    readonly event: RevragEvent,
    readonly handlers: readonly Handler[],
    readonly claim: HeldClaim,
  ) {}

  get handlerIds(): readonly string[] {
    return this.handlers.map(({ id }) => id);
  }

  /** Ids of the handlers that have not finished. */
  get unfinished(): readonly string[] {
    return this.handlerIds.filter(id => !this.claim.hasFinished(id));
  }
}
