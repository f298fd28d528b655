import { randomUUID } from 'node:crypto';
import { DEFAULT_ENDPOINT } from '../core/delivery/endpoint-registry.js';
import { Delivery } from '../core/events/delivery.js';
import { CALL_ENDED } from '../core/events/revrag-event.js';
import { VerifiedDelivery } from '../core/signature/verified-delivery.js';
import { callEnded } from './call-ended.js';

/** Any public property of a `Delivery`. */
export type DeliveryOverrides = Partial<Pick<Delivery, keyof Delivery>>;

/**
 * A delivery to call a handler with, in a test of the handler alone.
 *
 * @param overrides Properties that replace the defaults: a new id, `call.ended`, signed now, received by the endpoint
 * `default`, with the bytes of `callEnded()`.
 * @example
 * ```ts
 * const stop = new AbortController();
 * await calls.save(callEnded(), delivery({ id: 'evt_1', signal: stop.signal }));
 * ```
 */
export function delivery(overrides: DeliveryOverrides = {}): Delivery {
  const {
    id = `evt_${randomUUID()}`,
    type = CALL_ENDED,
    timestamp = new Date(),
    endpoint = DEFAULT_ENDPOINT,
    rawBody = Buffer.from(JSON.stringify(callEnded()), 'utf8'),
    ...rest
  } = overrides;
  const made = new Delivery(new VerifiedDelivery(id, type, timestamp, endpoint, rawBody));
  for (const [name, value] of Object.entries(rest)) {
    // A property that the class keeps out of logs stays not enumerable.
    const enumerable = Object.getOwnPropertyDescriptor(made, name)?.enumerable ?? false;
    Object.defineProperty(made, name, { value, enumerable, configurable: true });
  }
  return made;
}
