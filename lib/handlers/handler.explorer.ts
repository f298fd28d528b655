import { Injectable, Logger, Scope, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { subscriptionsOf } from './on-revrag-event.decorator.js';
import type { Subscription } from './subscription.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A decorated method, as found. */
export interface DiscoveredMethod {
  readonly className: string;
  readonly methodName: string;
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

/** What a decorator left on a method, and the method. */
export interface Found<TMetadata> {
  readonly method: DiscoveredMethod;
  readonly metadata: readonly TMetadata[];
}

type MetadataReader<TMetadata> = (method: object) => readonly TMetadata[];

/** Where the object comes from that the method is called on. */
export type HandlerSource =
  | { readonly instance: object }
  /** Made anew for each delivery, or by the app's strategy where it is durable. */
  | { readonly moduleRef: ModuleRef; readonly token: Type; readonly isDurable: boolean };

/** Finds decorated methods in providers and controllers. It only reports; the registry decides. */
@Injectable()
export class HandlerExplorer {
  private readonly logger = new Logger(HandlerExplorer.name);

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** The handlers of events. */
  explore(): DiscoveredHandler[] {
    return this.find(subscriptionsOf).map(({ method, metadata }) => ({
      ...method,
      subscriptions: metadata,
    }));
  }

  /** The methods that a decorator left something on. */
  find<TMetadata>(read: MetadataReader<TMetadata>): Found<TMetadata>[] {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    return wrappers
      .filter(wrapper => !wrapper.isAlias)
      .flatMap(wrapper => this.findIn(wrapper, read));
  }

  private findIn<TMetadata>(wrapper: Wrapper, read: MetadataReader<TMetadata>): Found<TMetadata>[] {
    const prototype = prototypeOf(wrapper);
    if (!prototype) return [];
    const found: Found<TMetadata>[] = [];
    for (const methodName of this.scanner.getAllMethodNames(prototype)) {
      const method = (prototype as Record<string, unknown>)[methodName];
      const metadata = read(method as object);
      if (metadata.length === 0) continue;
      const source = sourceOf(wrapper);
      const className = (prototype.constructor as Type | undefined)?.name ?? '';
      if (!source) {
        this.logger.warn(
          `${className}.${methodName} is decorated, but its provider was not instantiated`,
        );
        continue;
      }
      const { token } = wrapper;
      const isClass = isClassProvider(wrapper);
      found.push({
        method: { className, methodName, prototype, token, isClass, source },
        metadata,
      });
    }
    return found;
  }
}

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
  // A request-scoped factory has made nothing yet, so what it will make can't be known.
  if (isPerContext(wrapper)) {
    return isClassProvider(wrapper) ? ((wrapper.metatype as Type).prototype as object) : undefined;
  }
  const instance: unknown = wrapper.instance;
  if (typeof instance !== 'object' || instance === null) return undefined;
  const prototype = Object.getPrototypeOf(instance) as object | null;
  return prototype === null || prototype === Object.prototype ? undefined : prototype;
}

function sourceOf(wrapper: Wrapper): HandlerSource | undefined {
  if (!isPerContext(wrapper)) return { instance: wrapper.instance as object };
  // Each module has a ModuleRef of its own, which resolves what that module provides.
  const moduleRef = wrapper.host?.providers.get(ModuleRef)?.instance as ModuleRef | undefined;
  const isDurable = wrapper.isDependencyTreeDurable();
  return moduleRef && { moduleRef, token: wrapper.token as Type, isDurable };
}
