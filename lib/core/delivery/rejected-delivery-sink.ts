import type { RevragPayloadError } from '../errors/revrag-payload.error.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';

/**
 * Keeps authentic deliveries that were rejected for their payload, for a later release to read. The class is also
 * the injection token: provide it from a global module.
 */
export abstract class RejectedDeliverySink {
  /** @throws if the delivery could not be kept; the sender then gets 503 instead of 400 */
  abstract accept(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<void>;
}
