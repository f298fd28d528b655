import { UnrecoverableError } from 'bullmq';
import type { EndpointRegistry } from '../core/delivery/endpoint-registry.js';
import { RevragPayloadError } from '../core/errors/revrag-payload.error.js';
import { parseEvent } from '../core/events/parse-event.js';
import type { RevragEvent } from '../core/events/revrag-event.js';
import type { VerifiedDelivery } from '../core/signature/verified-delivery.js';

/** As many as fit in a line of a log. */
const MAX_VIOLATIONS = 5;

/** @throws UnrecoverableError, which makes a dead letter at once: only another release can read the payload */
export function parseStored(verified: VerifiedDelivery, endpoints: EndpointRegistry): RevragEvent {
  try {
    return parseEvent(verified, { strict: endpoints.isStrict(verified.endpoint) });
  } catch (error) {
    if (!(error instanceof RevragPayloadError)) throw error;
    throw new UnrecoverableError(explain(error));
  }
}

/** Paths and messages, which hold nothing of the payload. */
function explain({ code, message, violations }: RevragPayloadError): string {
  const places = violations
    .slice(0, MAX_VIOLATIONS)
    .map(violation => `${violation.path || 'payload'}: ${violation.message}`);
  const reasons = places.length > 0 ? ` ${places.join('; ')}` : '';
  return `This release can not read the payload: ${code}: ${message}${reasons}`;
}
