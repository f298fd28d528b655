import 'reflect-metadata';
import type { Subscription } from './subscription.js';

/**
 * One entry for each class, on its prototype (decision 30). Not on the functions: a decorator above ours may replace
 * them, and a large app has thousands.
 */
const KEY = 'revrag-webhook:methods';

/** The subscriptions that the decorators of each method declare. */
type Methods = ReadonlyMap<string | symbol, readonly Subscription[]>;

/** The decorated methods of a class itself, without inherited ones. */
export const ownMethodsOf = (prototype: object): Methods | undefined =>
  Reflect.getOwnMetadata(KEY, prototype) as Methods | undefined;

/** Appends to a method's subscriptions, so that decorators stack. */
export function addSubscription(
  prototype: object,
  method: string | symbol,
  subscription: Subscription,
): void {
  const methods = ownMethodsOf(prototype);
  const subscriptions = [...(methods?.get(method) ?? []), subscription];
  Reflect.defineMetadata(KEY, new Map(methods).set(method, subscriptions), prototype);
}
