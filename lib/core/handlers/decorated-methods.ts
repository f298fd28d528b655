import type { Type } from '@nestjs/common';
import { ownMetadataOf, type MethodMetadata } from './method-metadata.js';
import { isClassProvider, isPerContext, type Wrapper } from './provider-wrapper.js';

type NamedMetadata = readonly [name: string | symbol, metadata: MethodMetadata];

/** The decorated methods of a provider. */
interface DecoratedMethods {
  /** Prototype of the decorated class. */
  readonly prototype: object;
  readonly methods: readonly NamedMetadata[];
}

/** The decorated methods of a provider; undefined if it has none, as most. */
export function decoratedMethods(wrapper: Wrapper): DecoratedMethods | undefined {
  const object = objectOf(wrapper);
  const prototype = object ? (Object.getPrototypeOf(object) as object | null) : classOf(wrapper);
  const isPlain = prototype === null || prototype === Object.prototype;
  if (prototype && !isPlain) return withMethods(prototype, methodsOf(prototype));
  return object && standIn(object, wrapper.token);
}

/** A plain object under a decorated class's token, as in a test: `overrideProvider(Calls).useValue({ save })`. */
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

/** The prototype of a class provider. Nest takes longer to find the object. */
const classOf = (wrapper: Wrapper): object | null =>
  isClassProvider(wrapper) ? ((wrapper.metatype as Type).prototype as object) : null;

/** The object that a factory made or that is given as a value. */
function objectOf(wrapper: Wrapper): object | undefined {
  // Unknown for a request-scoped factory, which has made nothing yet.
  if (isClassProvider(wrapper) || isPerContext(wrapper)) return undefined;
  const instance: unknown = wrapper.instance;
  return typeof instance === 'object' && instance !== null ? instance : undefined;
}

const NOTHING: readonly never[] = [];

/** The decorated methods of a class, with inherited ones that it does not override. */
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

/** The prototype in the chain that has a property; null if none has it. */
const ownerOf = (level: object | null, name: string | symbol): object | null =>
  level === null || Object.hasOwn(level, name)
    ? level
    : ownerOf(Object.getPrototypeOf(level) as object | null, name);
