import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import { Delivery } from './delivery.js';
import { findHazard } from './hazards.js';
import { parseCallEnded } from './parse-call-ended.js';
import { parseJson } from './parse-json.js';
import { CALL_ENDED, type RevragEvent } from './revrag-event.js';
import { Violations } from './violations.js';

/** A class, as decision 29 says. */
class ParsedEvent implements RevragEvent {
  constructor(
    readonly type: string,
    readonly payload: unknown,
    readonly delivery: Delivery,
  ) {}
}

/**
 * Parses the event of a verified delivery. For a type without a class here, the payload is the parsed JSON.
 *
 * @param options With `strict`, any violation of the contract rejects the payload. Otherwise a payload is rejected only
 * if no event can be made of it: no JSON, no object, hazardous nesting or keys, a call without `call_id`.
 * @throws RevragPayloadError `malformed_json` or `invalid_payload`
 */
export function parseEvent(
  verified: VerifiedDelivery,
  { strict = false }: { readonly strict?: boolean } = {},
): RevragEvent {
  const { type } = verified;
  const violations = new Violations();
  const json = parseJson(verified.rawBody);
  const payload = type === CALL_ENDED ? parseCallEnded(json, violations) : json;
  if (type !== CALL_ENDED) checkHazards(json, violations);
  const found = violations.orThrow(strict);
  return new ParsedEvent(type, payload, new Delivery(verified, undefined, found));
}

function checkHazards(json: unknown, violations: Violations): void {
  const hazard = findHazard(json);
  if (hazard) violations.reject('', hazard);
}
