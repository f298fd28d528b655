import type { RevragPayloadError } from '../errors/revrag-payload.error.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import { addSubscription } from './method-metadata.js';
import { requireMethod } from './require-method.js';
import { REJECTED, type RejectedDeliveryOptions } from './subscription.js';

/** Accepts methods that can be called with `(delivery, error)`. */
export type RejectedDeliveryDecorator = <
  THandler extends (delivery: VerifiedDelivery, error: RevragPayloadError) => unknown,
>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<THandler>,
) => void;

/**
 * Marks a method that gets authentic deliveries which were rejected for their payload (400), to keep them in case
 * the provider has changed its payload. It is called with `(delivery: VerifiedDelivery, error: RevragPayloadError)`.
 * The sender's answer waits for the method, five seconds at most, and does not change if it fails; that is logged.
 *
 * @example
 * ```ts
 * @OnRejectedDelivery()
 * async keep(delivery: VerifiedDelivery, error: RevragPayloadError) {
 *   await writeFile(`rejected/${randomUUID()}`, delivery.rawBody);
 * }
 * ```
 */
export function OnRejectedDelivery(
  options: RejectedDeliveryOptions = {},
): RejectedDeliveryDecorator {
  return (target, method, descriptor?: PropertyDescriptor) => {
    requireMethod('@OnRejectedDelivery()', target, method, descriptor);
    const { endpoint, id } = options;
    addSubscription(target, method, { type: REJECTED, endpoint, id });
  };
}
