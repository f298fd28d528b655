import { Injectable, Logger, Scope, type Type } from '@nestjs/common';
import { DiscoveryService, ModuleRef } from '@nestjs/core';
import { ownMetadataOf, type MethodMetadata } from './method-metadata.js';
import type { RejectedDeliveryOptions, Subscription } from './subscription.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A decorated method, as found. */
export interface DiscoveredMethod {
  readonly className: string;
  readonly methodName: string | symbol;
  /** For people: `Class.method`. */
  readonly label: string;
  /** The class the method was found on; with the token it tells one provider registered twice. */
  readonly prototype: object;
  readonly token: unknown;
  /** Whether Nest made the object of its class; those of factories may differ, whatever their token. */
  readonly isClass: boolean;
  readonly source: HandlerSource;
}

/** One that handles events. */
export interface DiscoveredHandler extends DiscoveredMethod {
  readonly subscriptions: readonly Subscription[];
}

/** One that is offered rejected deliveries. */
export interface DiscoveredListener extends DiscoveredMethod {
  readonly options: readonly RejectedDeliveryOptions[];
}

interface DecoratedMethod extends MethodMetadata {
  readonly method: DiscoveredMethod;
}

/** Where the object comes from that the method is called on. */
export type HandlerSource =
  | { readonly instance: object }
  /** Made anew for each delivery, or by the app's strategy where it is durable. */
  | { readonly moduleRef: ModuleRef; readonly token: Type; readonly isDurable: boolean };

/** Finds decorated methods in providers and controllers. It only reports; the registry decides. */
@Injectable()
export class HandlerExplorer {
  private readonly logger = new Logger(HandlerExplorer.name);
  private decorated: readonly DecoratedMethod[] | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /** The handlers of events. */
  handlers(): DiscoveredHandler[] {
    return this.find()
      .filter(({ subscriptions }) => subscriptions.length > 0)
      .map(({ method, subscriptions }) => ({ ...method, subscriptions }));
  }

  /** The methods that are offered rejected deliveries. */
  listeners(): DiscoveredListener[] {
    return this.find()
      .filter(({ rejections }) => rejections.length > 0)
      .map(({ method, rejections }) => ({ ...method, options: rejections }));
  }

  /** Looks at every class of the app, which in a large one takes a while, so once for all decorators. */
  private find(): readonly DecoratedMethod[] {
    return (this.decorated ??= [
      ...this.discovery.getProviders(),
      ...this.discovery.getControllers(),
    ].flatMap(wrapper => (wrapper.isAlias ? [] : this.findIn(wrapper))));
  }

  private findIn(wrapper: Wrapper): readonly DecoratedMethod[] {
    const prototype = prototypeOf(wrapper);
    if (!prototype) return NOTHING;
    const found = decoratedMethods(prototype);
    if (found.length === 0) return NOTHING;
    const className = (prototype.constructor as Type | undefined)?.name ?? '';
    const source = sourceOf(wrapper);
    if (!source) {
      const methods = found.map(([methodName]) => labelOf(className, methodName)).join(', ');
      this.logger.warn(`${methods}: decorated, but the provider was not instantiated`);
      return NOTHING;
    }
    const { token } = wrapper;
    const isClass = isClassProvider(wrapper);
    return found.map(([methodName, metadata]) => ({
      method: {
        className,
        methodName,
        label: labelOf(className, methodName),
        prototype,
        token,
        isClass,
        source,
      },
      ...metadata,
    }));
  }
}

/** Most classes have none; an array for each of them would be noticed. */
const NOTHING: readonly never[] = [];

type NamedMetadata = readonly [name: string | symbol, metadata: MethodMetadata];

/** The decorated methods of a class, inherited ones included, but for those that it overrides. */
function decoratedMethods(prototype: object): readonly NamedMetadata[] {
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

const labelOf = (className: string, methodName: string | symbol) =>
  `${className}.${String(methodName)}`;

/** Where in the chain a property is found; null where it is not there (any more). */
const ownerOf = (level: object | null, name: string | symbol): object | null =>
  level === null || Object.hasOwn(level, name)
    ? level
    : ownerOf(Object.getPrototypeOf(level) as object | null, name);

/** Whether both are one method of one provider, which is listed twice. */
export function isRepeat(one: DiscoveredMethod, other: DiscoveredMethod): boolean {
  if (one.methodName !== other.methodName) return false;
  if ('instance' in one.source && 'instance' in other.source) {
    if (one.source.instance === other.source.instance) return true;
  }
  return one.isClass && one.prototype === other.prototype && one.token === other.token;
}

/** Made by Nest of a class, not by a factory and not given as a value. */
const isClassProvider = (wrapper: Wrapper) =>
  !wrapper.inject && typeof wrapper.metatype === 'function';

const isPerContext = (wrapper: Wrapper) =>
  wrapper.scope === Scope.TRANSIENT || !wrapper.isDependencyTreeStatic();

/** Undefined where there is no class to look at, such as for a plain value. */
function prototypeOf(wrapper: Wrapper): object | undefined {
  // Of its class rather than of the object that was made of it, which Nest takes longer to find.
  if (isClassProvider(wrapper)) return (wrapper.metatype as Type).prototype as object;
  // A request-scoped factory has made nothing yet, so what it will make can't be known.
  if (isPerContext(wrapper)) return undefined;
  const instance: unknown = wrapper.instance;
  if (typeof instance !== 'object' || instance === null) return undefined;
  const prototype = Object.getPrototypeOf(instance) as object | null;
  return prototype === Object.prototype ? undefined : (prototype ?? undefined);
}

function sourceOf(wrapper: Wrapper): HandlerSource | undefined {
  if (!isPerContext(wrapper)) {
    const instance = wrapper.instance as object | null | undefined;
    return instance ? { instance } : undefined;
  }
  // Each module has a ModuleRef of its own, which resolves what that module provides.
  const moduleRef = wrapper.host?.providers.get(ModuleRef)?.instance as ModuleRef | undefined;
  const isDurable = wrapper.isDependencyTreeDurable();
  return moduleRef && { moduleRef, token: wrapper.token as Type, isDurable };
}
