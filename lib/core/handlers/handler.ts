import type { HandlerSource } from './provider-wrapper.js';
import type { RejectedDeliveryOptions, Subscription } from './subscription.js';

/** A decorated method, ready to be called. */
export interface Handler {
  /** Unique in the app; progress is recorded under it. */
  readonly id: string;
  readonly methodName: string | symbol;
  /** Which events it gets. */
  readonly subscriptions: readonly Subscription[];
  /** Which rejected deliveries it gets. */
  readonly rejections: readonly RejectedDeliveryOptions[];
  readonly source: HandlerSource;
}
