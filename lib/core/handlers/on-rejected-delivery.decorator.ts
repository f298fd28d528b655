import type { RevragPayloadError } from '../errors/revrag-payload.error.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import { addMetadata } from './method-metadata.js';
import { requireMethod } from './require-method.js';
import type { RejectedDeliveryOptions } from './subscription.js';

/** Accepts methods that can be called with `(delivery, error)`. */
export type RejectedDeliveryDecorator = <
  THandler extends (delivery: VerifiedDelivery, error: RevragPayloadError) => unknown,
>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<THandler>,
) => void;

/**
 * Marks a method that is offered authentic deliveries refused for their payload (400): kept somewhere,
 * they are not lost when the provider changes its payload. It is called with
 * `(delivery: VerifiedDelivery, error: RevragPayloadError)`. The sender's answer waits for it, five
 * seconds at most, and is the same if it fails, which is logged.
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
    addMetadata(target, method, { rejections: [options] });
  };
}
