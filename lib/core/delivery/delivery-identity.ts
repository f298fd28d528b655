import { digest, digestOf } from '../common/digest.js';
import { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { DeliveryIdentity } from '../idempotency/idempotency-store.js';

/**
 * What a delivery is known by. The signed body names the delivery and the call that it is about. The id is not
 * signed and counts only together with the call (decision 41).
 *
 * @param payload The parsed body; undefined if it could not be parsed.
 */
export function identityOf(delivery: VerifiedDelivery, payload?: unknown): DeliveryIdentity {
  const scope = scopeOf(delivery);
  const body = digest(...scope, digestOf(delivery.rawBody));
  return { call: digest(...scope, ...(callOf(payload) ?? [body])), body, id: digest(delivery.id) };
}

/**
 * The endpoint with its path parameters, so that deliveries of two agents are never the same. Without parameters
 * that no secret depends on: an attacker who captured a delivery could invent values, and each would make another one.
 */
function scopeOf(delivery: VerifiedDelivery): string[] {
  if (VerifiedDelivery.hasFixedSecrets(delivery)) return [delivery.endpoint];
  // Sorted, as a queue on PostgreSQL keeps names in another order (jsonb).
  return [delivery.endpoint, ...Object.entries(delivery.params).sort().flat()];
}

/** Read for every type of event, as the type is not signed. */
function callOf(payload: unknown): readonly string[] | undefined {
  const fields = (payload ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof fields.call_id !== 'string' || fields.call_id === '') return undefined;
  // With the status, so that a captured body about the start of a call never stands for its end.
  return ['agent_id', 'call_id', 'call_status'].map(name => {
    const value = fields[name];
    return typeof value === 'string' ? value : '';
  });
}
