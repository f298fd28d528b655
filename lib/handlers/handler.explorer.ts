import { Injectable, Logger, Scope, type Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { rejectionsOf, type RejectedDeliveryOptions } from './on-rejected-delivery.decorator.js';
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

/** One that is offered rejected deliveries. */
export interface DiscoveredListener extends DiscoveredMethod {
  readonly options: readonly RejectedDeliveryOptions[];
}

interface DecoratedMethod {
  readonly method: DiscoveredMethod;
  readonly subscriptions: readonly Subscription[];
  readonly rejections: readonly RejectedDeliveryOptions[];
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

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

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

  /** Looks at every method of the app, which in a large one takes a while, so once for all decorators. */
  private find(): readonly DecoratedMethod[] {
    return (this.decorated ??= [
      ...this.discovery.getProviders(),
      ...this.discovery.getControllers(),
    ]
      .filter(wrapper => !wrapper.isAlias)
      .flatMap(wrapper => this.findIn(wrapper)));
  }

  private findIn(wrapper: Wrapper): DecoratedMethod[] {
    const prototype = prototypeOf(wrapper);
    if (!prototype) return [];
    const found: DecoratedMethod[] = [];
    for (const methodName of this.scanner.getAllMethodNames(prototype)) {
      const method = (prototype as Record<string, unknown>)[methodName] as object;
      const subscriptions = subscriptionsOf(method);
      const rejections = rejectionsOf(method);
      if (subscriptions.length === 0 && rejections.length === 0) continue;
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
      const discovered = { className, methodName, prototype, token, isClass, source };
      found.push({ method: discovered, subscriptions, rejections });
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
