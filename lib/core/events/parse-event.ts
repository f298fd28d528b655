import { VerifiedDelivery } from '../signature/verified-delivery.js';
import { Delivery } from './delivery.js';
import { RevragPayloadError } from '../errors/revrag-payload.error.js';
import { findHazard } from './hazards.js';
import { parseCallEnded } from './parse-call-ended.js';
import { parseJson } from './parse-json.js';
import { CALL_ENDED, type RevragEvent } from './revrag-event.js';

/**
 * Reads the event that a verified delivery brings. A type that the library has no class for keeps its
 * payload as parsed.
 *
 * @throws RevragPayloadError `malformed_json` or `invalid_payload`
 */
export function parseEvent(delivery: VerifiedDelivery): RevragEvent {
  const json = parseJson(VerifiedDelivery.body(delivery));
  const payload = delivery.type === CALL_ENDED ? parseCallEnded(json) : checked(json);
  return { type: delivery.type, payload, delivery: new Delivery(delivery) };
}

function checked(json: unknown): unknown {
  const hazard = findHazard(json);
  if (!hazard) return json;
  throw new RevragPayloadError('invalid_payload', `The payload ${hazard}.`, [
    { path: '', message: hazard },
  ]);
}
