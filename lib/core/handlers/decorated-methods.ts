import type { Type } from '@nestjs/common';
import { ownMetadataOf, type MethodMetadata } from './method-metadata.js';
import { isClassProvider, isPerContext, type Wrapper } from './provider-wrapper.js';

export type NamedMetadata = readonly [name: string | symbol, metadata: MethodMetadata];

/** The decorated methods of a provider. */
export interface DecoratedMethods {
  /** Of the class that is decorated. */
  readonly prototype: object;
  readonly methods: readonly NamedMetadata[];
}

/** Undefined where there are none, as for most. */
export function decoratedMethods(wrapper: Wrapper): DecoratedMethods | undefined {
  const object = objectOf(wrapper);
  const prototype = object ? (Object.getPrototypeOf(object) as object | null) : classOf(wrapper);
  const isPlain = prototype === null || prototype === Object.prototype;
  if (prototype && !isPlain) return withMethods(prototype, methodsOf(prototype));
  return object && standIn(object, wrapper.token);
}

/** A plain object under the token of a decorated class, as tests put it: `overrideProvider(Calls).useValue({ save })`. */
function standIn(object: object, token: unknown): DecoratedMethods | undefined {
  const prototype =
    typeof token === 'function' ? (token.prototype as object | undefined) : undefined;
  if (!prototype) return undefined;
  const methods = methodsOf(prototype).filter(
    ([name]) => typeof (object as Record<string | symbol, unknown>)[name] === 'function',
  );
  return withMethods(prototype, methods);
}

const withMethods = (prototype: object, methods: readonly NamedMetadata[]) =>
  methods.length > 0 ? { prototype, methods } : undefined;

/** That of a class, rather than of the object that was made of it, which Nest takes longer to find. */
const classOf = (wrapper: Wrapper): object | null =>
  isClassProvider(wrapper) ? ((wrapper.metatype as Type).prototype as object) : null;

/** What a factory made or what is given as a value, if it is an object. */
function objectOf(wrapper: Wrapper): object | undefined {
  // A request-scoped factory has made nothing yet, so what it will make can't be known.
  if (isClassProvider(wrapper) || isPerContext(wrapper)) return undefined;
  const instance: unknown = wrapper.instance;
  return typeof instance === 'object' && instance !== null ? instance : undefined;
}

const NOTHING: readonly never[] = [];

/** The decorated methods of a class, inherited ones included, but for those that it overrides. */
function methodsOf(prototype: object): readonly NamedMetadata[] {
  let found: NamedMetadata[] | undefined;
  let level: object | null = prototype;
  while (level && level !== Object.prototype) {
    for (const named of ownMetadataOf(level) ?? NOTHING) {
      if (ownerOf(prototype, named[0]) === level) (found ??= []).push(named);
    }
    level = Object.getPrototypeOf(level) as object | null;
  }
  return found ?? NOTHING;
}

/** Where in the chain a property is found; null where it is not there (any more). */
const ownerOf = (level: object | null, name: string | symbol): object | null =>
  level === null || Object.hasOwn(level, name)
    ? level
    : ownerOf(Object.getPrototypeOf(level) as object | null, name);
