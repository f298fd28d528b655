import type { Delivery } from './delivery.js';

/** A verified delivery's typed, validated content. */
export interface RevragEvent<T = unknown> {
  /** Such as `call.ended`. */
  readonly type: string;
  readonly payload: T;
  readonly delivery: Delivery;
}

/** The one event type that the provider sends so far. */
export const CALL_ENDED = 'call.ended';
