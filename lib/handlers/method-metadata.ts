import 'reflect-metadata';
import type { RejectedDeliveryOptions, Subscription } from './subscription.js';

/** What the decorators of a method say. */
export interface MethodMetadata {
  readonly subscriptions: readonly Subscription[];
  readonly rejections: readonly RejectedDeliveryOptions[];
}

/** One key for all decorators: a large app has thousands of methods to look at when it boots. */
const KEY = 'revrag-webhook:method';
const NONE: MethodMetadata = { subscriptions: [], rejections: [] };

export const metadataOf = (method: object): MethodMetadata | undefined =>
  Reflect.getOwnMetadata(KEY, method) as MethodMetadata | undefined;

/** Adds to what is there, so that decorators stack. */
export function addMetadata(
  method: object,
  { subscriptions = [], rejections = [] }: Partial<MethodMetadata>,
): void {
  const before = metadataOf(method) ?? NONE;
  const metadata: MethodMetadata = {
    subscriptions: [...before.subscriptions, ...subscriptions],
    rejections: [...before.rejections, ...rejections],
  };
  Reflect.defineMetadata(KEY, metadata, method);
}
