import type { Type } from '@nestjs/common';
import { ownMethodsOf } from './method-metadata.js';
import { isClassProvider, type Wrapper } from './provider-wrapper.js';
import type { Subscription } from './subscription.js';

type NamedMethod = readonly [name: string | symbol, subscriptions: readonly Subscription[]];

/** The decorated methods of a provider. */
interface DecoratedMethods {
  /** Prototype of the decorated class. */
  readonly prototype: object;
  readonly methods: readonly NamedMethod[];
}

/** The decorated methods of a provider; undefined if it has none, as most. */
export function decoratedMethods(wrapper: Wrapper): DecoratedMethods | undefined {
  // Nest takes longer to find the object of a class, whose prototype is known without it.
  if (isClassProvider(wrapper)) return withMethods((wrapper.metatype as Type).prototype as object);
  // What a factory made or what is given as a value. A request-scoped factory has made nothing yet.
  const object = wrapper.instance as object | null | undefined;
  if (!object) return undefined;
  const prototype = Object.getPrototypeOf(object) as object | null;
  const isPlain = prototype === null || prototype === Object.prototype;
  return isPlain ? standIn(object, wrapper.token) : withMethods(prototype);
}

/** A plain object under a decorated class's token, as in a test: `overrideProvider(Calls).useValue({ save })`. */
function standIn(object: object, token: unknown): DecoratedMethods | undefined {
  const { prototype } = token as { prototype?: object };
  return withMethods(
    prototype,
    name => typeof (object as Record<string | symbol, unknown>)[name] === 'function',
  );
}

function withMethods(
  prototype: object | undefined,
  isThere: (name: string | symbol) => boolean = () => true,
): DecoratedMethods | undefined {
  if (!prototype) return undefined;
  const methods = methodsOf(prototype).filter(([name]) => isThere(name));
  return methods.length > 0 ? { prototype, methods } : undefined;
}

const NOTHING: readonly never[] = [];

/** The decorated methods of a class, with inherited ones that it does not override. */
function methodsOf(prototype: object): readonly NamedMethod[] {
  let found: NamedMethod[] | undefined;
  let level: object | null = prototype;
  while (level) {
    for (const named of ownMethodsOf(level) ?? NOTHING) {
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
