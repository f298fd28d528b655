import 'reflect-metadata';
import type { RejectedDeliveryOptions, Subscription } from './subscription.js';

/** The subscriptions that a method's decorators declare. */
export interface MethodMetadata {
  readonly subscriptions: readonly Subscription[];
  readonly rejections: readonly RejectedDeliveryOptions[];
}

/**
 * One entry for each class, on its prototype (decision 30). Not on the functions: a decorator above ours may replace
 * them, and a large app has thousands.
 */
const KEY = 'revrag-webhook:methods';
const NONE: MethodMetadata = { subscriptions: [], rejections: [] };

type Methods = ReadonlyMap<string | symbol, MethodMetadata>;

/** The decorated methods of a class itself, without inherited ones. */
export const ownMetadataOf = (prototype: object): Methods | undefined =>
  Reflect.getOwnMetadata(KEY, prototype) as Methods | undefined;

/** Appends to a method's metadata, so that decorators stack. */
export function addMetadata(
  prototype: object,
  method: string | symbol,
  { subscriptions = [], rejections = [] }: Partial<MethodMetadata>,
): void {
  const methods = ownMetadataOf(prototype);
  const before = methods?.get(method) ?? NONE;
  const metadata: MethodMetadata = {
    subscriptions: [...before.subscriptions, ...subscriptions],
    rejections: [...before.rejections, ...rejections],
  };
  Reflect.defineMetadata(KEY, new Map(methods).set(method, metadata), prototype);
}
