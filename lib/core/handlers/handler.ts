import type { HandlerSource } from './provider-wrapper.js';
import type { Subscription } from './subscription.js';

/** A decorated method, ready to be called. */
export interface Handler {
  /** Unique in the app; progress is recorded under it. */
  readonly id: string;
  readonly methodName: string | symbol;
  /** What it gets. */
  readonly subscriptions: readonly Subscription[];
  readonly source: HandlerSource;
}

/** How a handler ended. */
export type HandlerResult =
  | { readonly status: 'finished' }
  /** The event is persisted; the handler is called later. */
  | { readonly status: 'queued' }
  /** It threw `error`; a redelivery runs it again. */
  | { readonly status: 'failed'; readonly error: unknown }
  /** It threw `error`, a `RevragPermanentError`: no redelivery runs it again. */
  | { readonly status: 'abandoned'; readonly error: Error };
