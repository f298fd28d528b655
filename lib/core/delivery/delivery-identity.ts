import { digest, digestOf } from '../common/digest.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { DeliveryIdentity } from '../idempotency/idempotency-store.js';

/**
 * What a delivery is known by. The signed body names the delivery and the call that it is about. The id is not
 * signed and counts only together with the call (decision 41).
 *
 * @param payload The parsed body; undefined if it could not be parsed.
 */
export function identityOf(delivery: VerifiedDelivery, payload?: unknown): DeliveryIdentity {
  const body = digestOf(delivery.rawBody);
  return {
    call: digest(...endpointScope(delivery), ...(callOf(payload) ?? [body])),
    body,
    id: digest(delivery.id),
  };
}

/** The endpoint with its path parameters, so that deliveries of two agents are never the same. */
export const endpointScope = ({
  endpoint,
  params,
}: Pick<VerifiedDelivery, 'endpoint' | 'params'>): string[] => [
  endpoint,
  ...Object.entries(params).flat(),
];

/** Read for every type of event, as the type is not signed. */
function callOf(payload: unknown): readonly [agent: string, call: string] | undefined {
  const { agent_id: agent, call_id: call } = (payload ?? {}) as {
    agent_id?: unknown;
    call_id?: unknown;
  };
  if (typeof call !== 'string' || call === '') return undefined;
  return [typeof agent === 'string' ? agent : '', call];
}
