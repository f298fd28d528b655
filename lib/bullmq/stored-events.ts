import { Injectable } from '@nestjs/common';
import { UnrecoverableError } from 'bullmq';
import { EndpointRegistry } from '../core/delivery/endpoint-registry.js';
import { RevragPayloadError } from '../core/errors/revrag-payload.error.js';
import { parseEvent } from '../core/events/parse-event.js';
import type { RevragEvent } from '../core/events/revrag-event.js';
import type { VerifiedDelivery } from '../core/signature/verified-delivery.js';
import { restoreDelivery, type StoredDelivery } from './event-job.js';

/** As many as fit in a line of a log. */
const MAX_VIOLATIONS = 5;

/** Reads events back from the queue. */
@Injectable()
export class StoredEvents {
  constructor(private readonly endpoints: EndpointRegistry) {}

  /**
   * @param strict Whether to check the payload strictly if this process does not have the endpoint.
   * @throws UnrecoverableError, which makes a dead letter at once: only another release can read the payload
   */
  async read(
    stored: StoredDelivery,
    strict = false,
  ): Promise<{ readonly verified: VerifiedDelivery; readonly event: RevragEvent }> {
    const verified = await restoreDelivery(stored);
    try {
      const own = this.endpoints.isStrict(verified.endpoint);
      return { verified, event: parseEvent(verified, { strict: own ?? strict }) };
    } catch (error) {
      if (!(error instanceof RevragPayloadError)) throw error;
      throw new UnrecoverableError(explain(error));
    }
  }
}

/** Paths and messages, which hold nothing of the payload. */
function explain({ code, message, violations }: RevragPayloadError): string {
  const places = violations
    .slice(0, MAX_VIOLATIONS)
    .map(violation => `${violation.path || 'payload'}: ${violation.message}`);
  const reasons = places.length > 0 ? ` ${places.join('; ')}` : '';
  return `This release cannot read the payload: ${code}: ${message}${reasons}`;
}
