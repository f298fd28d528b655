import { Injectable, type PipeTransform } from '@nestjs/common';
import { EndpointRegistry } from '../delivery/endpoint-registry.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import { parseEvent } from '../events/parse-event.js';
import type { RevragEvent } from '../events/revrag-event.js';

/**
 * Parses and checks a delivery as the endpoint's option `validation` says: `@RevragDelivery(RevragEventPipe) event`.
 *
 * @throws RevragPayloadError (400)
 */
@Injectable()
export class RevragEventPipe implements PipeTransform<VerifiedDelivery, RevragEvent> {
  constructor(private readonly endpoints: EndpointRegistry) {}

  transform(delivery: VerifiedDelivery): RevragEvent {
    return parseEvent(delivery, { strict: this.endpoints.isStrict(delivery.endpoint) ?? false });
  }
}
