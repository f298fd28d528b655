import { Injectable, type PipeTransform } from '@nestjs/common';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import { parseEvent } from '../events/parse-event.js';
import type { RevragEvent } from '../events/revrag-event.js';

/**
 * Parses and validates what `@RevragDelivery()` gives: `@RevragDelivery(RevragEventPipe) event`.
 *
 * @throws RevragPayloadError (400)
 */
@Injectable()
export class RevragEventPipe implements PipeTransform<VerifiedDelivery, RevragEvent> {
  transform(delivery: VerifiedDelivery): RevragEvent {
    return parseEvent(delivery);
  }
}
