import type { Delivery } from '../events/delivery.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import { addSubscription } from './method-metadata.js';
import { requireMethod } from './require-method.js';
import type { HandlerOptions } from './subscription.js';

/** Accepts methods that can be called with `(payload, delivery)` and the arguments that the options ask for. */
export type HandlerDecorator<TPayload, TMore extends readonly unknown[] = []> = <
  THandler extends (payload: TPayload, delivery: Delivery, ...more: TMore) => unknown,
>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<THandler>,
) => void;

/**
 * Marks a method as a handler of an event type, `'*'` for all types. It is called with `(payload, delivery)`, and the
 * sender gets its answer when the handler has finished. Decorators stack: the method runs once for an event, however
 * many of them match.
 *
 * @param type The value of X-Webhook-Event. For a type without a class here, the payload is the parsed JSON.
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
  // The payload of an unknown type has no type here.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
): HandlerDecorator<any> {
  return (target, method, descriptor?: PropertyDescriptor) => {
    const name = `@OnRevragEvent('${type}')`;
    requireMethod(name, target, method, descriptor);
    if (typeof type !== 'string' || type.trim() === '') {
      throw new RevragConfigurationError(`${name} on ${String(method)}: the event type is empty.`);
    }
    const { agentId, endpoint, id } = options;
    addSubscription(target, method, { type, agentId, endpoint, id });
  };
}
