import type { RevragPayloadError } from '../errors/revrag-payload.error.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';

/**
 * Keeps authentic deliveries whose payload can't be read, so that they can be read again later. The
 * class is the injection token as well: provide it from a global module.
 */
export abstract class RejectedDeliverySink {
  /** @throws when the delivery could not be kept; the sender then gets 503 in place of 400 */
  abstract accept(delivery: VerifiedDelivery, error: RevragPayloadError): Promise<void>;
}
