import type { HandlerSource } from './provider-wrapper.js';
import type { Subscription } from './subscription.js';

/** A decorated method, ready to be called. */
export interface Handler {
  /** Unique in the app; progress is recorded under it. */
  readonly id: string;
  readonly methodName: string | symbol;
  readonly subscriptions: readonly Subscription[];
  readonly source: HandlerSource;
}
