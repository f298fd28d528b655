import 'reflect-metadata';
import type { RejectedDeliveryOptions, Subscription } from './subscription.js';

/** What the decorators of a method say. */
export interface MethodMetadata {
  readonly subscriptions: readonly Subscription[];
  readonly rejections: readonly RejectedDeliveryOptions[];
}

/**
 * One entry for each class, on its prototype. Not on the functions: a decorator above ours may put
 * another function in the place of the method, and a large app has thousands of functions to look at.
 */
const KEY = 'revrag-webhook:methods';
const NONE: MethodMetadata = { subscriptions: [], rejections: [] };

type Methods = ReadonlyMap<string | symbol, MethodMetadata>;

/** What is decorated in a class itself, without what it inherits. */
export const ownMetadataOf = (prototype: object): Methods | undefined =>
  Reflect.getOwnMetadata(KEY, prototype) as Methods | undefined;

/** Adds to what is there, so that decorators stack. */
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
