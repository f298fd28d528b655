import type { Delivery } from '../events/delivery.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import { addMetadata } from './method-metadata.js';
import { requireMethod } from './require-method.js';
import type { HandlerOptions } from './subscription.js';

/** Accepts methods that can be called with `(payload, delivery)`, and what else the decorator asked for. */
export type HandlerDecorator<TPayload, TMore extends readonly unknown[] = []> = <
  THandler extends (payload: TPayload, delivery: Delivery, ...more: TMore) => unknown,
>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<THandler>,
) => void;

/**
 * Marks a method as handler of an event type, `'*'` for all types. It is called with
 * `(payload, delivery)`; the sender gets its answer when it has finished. Several can be stacked: the
 * method is called once for an event that any of them matches.
 *
 * @param type As X-Webhook-Event gives it. Types the library has no class for come with their payload as parsed JSON.
 *
 * @example
 * ```ts
 * @OnRevragEvent('*')
 * audit(payload: unknown, delivery: Delivery) {}
 * ```
 */
export function OnRevragEvent(
  type: string,
  options: HandlerOptions = {},
  // The payload of a type that is not known here can't be typed here.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
): HandlerDecorator<any> {
  return (target, method, descriptor?: PropertyDescriptor) => {
    const name = `@OnRevragEvent('${type}')`;
    requireMethod(name, target, method, descriptor);
    if (typeof type !== 'string' || type.trim() === '') {
      throw new RevragConfigurationError(`${name} on ${String(method)}: the event type is empty.`);
    }
    const { agentId, endpoint, id } = options;
    addMetadata(target, method, { subscriptions: [{ type, agentId, endpoint, id }] });
  };
}
