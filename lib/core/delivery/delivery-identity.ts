import { digest, digestOf } from '../common/digest.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { DeliveryIdentity } from '../idempotency/idempotency-store.js';

/**
 * What a delivery is known by: what the sender vouches for with its signature. The body names the delivery and,
 * if it is about a call, the call; the id is not signed and counts only together with the call.
 *
 * @param payload As parsed; undefined for a body that can't be read.
 */
export function identityOf(delivery: VerifiedDelivery, payload?: unknown): DeliveryIdentity {
  const body = digestOf(delivery.rawBody);
  return {
    call: digest(...endpointScope(delivery), ...(callOf(payload) ?? [body])),
    body,
    id: digest(delivery.id),
  };
}

/** An endpoint with the parameters of its path, so that those that share a path never meet. */
export const endpointScope = ({
  endpoint,
  params,
}: Pick<VerifiedDelivery, 'endpoint' | 'params'>): string[] => [
  endpoint,
  ...Object.entries(params).flat(),
];

/** Read from the body whatever type the delivery claims to be of, as the type is not signed. */
function callOf(payload: unknown): readonly [agent: string, call: string] | undefined {
  const { agent_id: agent, call_id: call } = (payload ?? {}) as {
    agent_id?: unknown;
    call_id?: unknown;
  };
  if (typeof call !== 'string' || call === '') return undefined;
  return [typeof agent === 'string' ? agent : '', call];
}
