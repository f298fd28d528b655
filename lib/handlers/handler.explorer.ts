import { Injectable, Logger, Scope, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { subscriptionsOf } from './on-revrag-event.decorator.js';
import type { Subscription } from './subscription.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A decorated method, as found. */
export interface DiscoveredHandler {
  readonly className: string;
  readonly methodName: string;
  /** The class the method was found on; with the token it tells one provider registered twice. */
  readonly prototype: object;
  readonly token: unknown;
  readonly subscriptions: readonly Subscription[];
  readonly source: HandlerSource;
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

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  explore(): DiscoveredHandler[] {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    return wrappers
      .filter(wrapper => !wrapper.isAlias)
      .flatMap(wrapper => this.exploreOne(wrapper));
  }

  private exploreOne(wrapper: Wrapper): DiscoveredHandler[] {
    const prototype = prototypeOf(wrapper);
    if (!prototype) return [];
    const found: DiscoveredHandler[] = [];
    for (const methodName of this.scanner.getAllMethodNames(prototype)) {
      const method = (prototype as Record<string, unknown>)[methodName];
      const subscriptions = subscriptionsOf(method as object);
      if (subscriptions.length === 0) continue;
      const source = sourceOf(wrapper);
      const className = (prototype.constructor as Type | undefined)?.name ?? '';
      if (!source) {
        this.logger.warn(
          `${className}.${methodName} is decorated, but its provider was not instantiated`,
        );
        continue;
      }
      const { token } = wrapper;
      found.push({ className, methodName, prototype, token, subscriptions, source });
    }
    return found;
  }
}

const isPerContext = (wrapper: Wrapper) =>
  wrapper.scope === Scope.TRANSIENT || !wrapper.isDependencyTreeStatic();

/** Undefined where there is no class to look at, such as for a plain value. */
function prototypeOf(wrapper: Wrapper): object | undefined {
  // A request-scoped factory has made nothing yet, so what it will make can't be known.
  const isClass = !wrapper.inject && typeof wrapper.metatype === 'function';
  if (isPerContext(wrapper)) {
    return isClass ? ((wrapper.metatype as Type).prototype as object) : undefined;
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
