import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { decoratedMethods, type NamedMetadata } from './decorated-methods.js';
import type { MethodMetadata } from './method-metadata.js';
import {
  classNameOf,
  isClassProvider,
  isConstructed,
  sourceOf,
  type HandlerSource,
  type Wrapper,
} from './provider-wrapper.js';
import type { RejectedDeliveryOptions, Subscription } from './subscription.js';

type Module = NonNullable<ReturnType<ModulesContainer['get']>>;

/** A decorated method that was found. */
export interface DiscoveredMethod {
  readonly className: string;
  readonly methodName: string | symbol;
  /** `Class.method`, for messages. */
  readonly label: string;
  /** The prototype that has the method. With the token, it identifies a provider that is registered twice. */
  readonly prototype: object;
  readonly token: unknown;
  /** Whether Nest made the object from its class. Objects of factories may differ although they share a token. */
  readonly isClass: boolean;
  readonly source: HandlerSource;
}

/** A method that handles events. */
export interface DiscoveredHandler extends DiscoveredMethod {
  readonly subscriptions: readonly Subscription[];
}

/** A method that gets rejected deliveries. */
export interface DiscoveredRejectionHandler extends DiscoveredMethod {
  readonly options: readonly RejectedDeliveryOptions[];
}

interface DecoratedMethod extends MethodMetadata {
  readonly method: DiscoveredMethod;
}

/** What was found so far. Replaced when a module that is loaded later has more. */
interface Findings {
  readonly handlers: readonly DiscoveredHandler[];
  readonly rejectionHandlers: readonly DiscoveredRejectionHandler[];
}

/** Finds decorated methods in providers and controllers. It only reports; the registry decides. */
@Injectable()
export class HandlerExplorer {
  private readonly logger = new Logger(HandlerExplorer.name);
  private readonly explored = new Set<Module>();
  private found: Findings = { handlers: [], rejectionHandlers: [] };

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
  ) {}

  /** The handlers of events: the same list until a module is loaded later (LazyModuleLoader). */
  handlers(): readonly DiscoveredHandler[] {
    return this.look().handlers;
  }

  /** The methods that get rejected deliveries; the same list until a module is loaded later. */
  rejectionHandlers(): readonly DiscoveredRejectionHandler[] {
    return this.look().rejectionHandlers;
  }

  /** Looks at each module once, as a large app has many classes: at boot, or when it was loaded later. */
  private look(): Findings {
    if (this.modules.size === this.explored.size) return this.found;
    const isBoot = this.explored.size === 0;
    const added: DecoratedMethod[] = [];
    for (const module of this.modules.values()) {
      if (this.explored.has(module)) continue;
      const wrappers = this.wrappersOf(module);
      if (!isBoot && !wrappers.every(isReady)) continue;
      this.explored.add(module);
      for (const wrapper of wrappers) added.push(...this.findIn(wrapper));
    }
    if (added.length > 0) this.found = join(this.found, added);
    return this.found;
  }

  private wrappersOf(module: Module): Wrapper[] {
    return [
      ...this.discovery.getProviders({}, [module]),
      ...this.discovery.getControllers({}, [module]),
    ].filter(({ isAlias }) => !isAlias);
  }

  private findIn(wrapper: Wrapper): readonly DecoratedMethod[] {
    const found = decoratedMethods(wrapper);
    if (!found) return NOTHING;
    const { prototype, methods } = found;
    const className = classNameOf(prototype);
    const source = sourceOf(wrapper);
    if (!source) {
      const names = methods.map(([methodName]) => labelOf(className, methodName)).join(', ');
      this.logger.warn(`${names}: decorated, but the provider was not instantiated`);
      return NOTHING;
    }
    const { token } = wrapper;
    const isClass = isClassProvider(wrapper);
    const describe = ([methodName, metadata]: NamedMetadata) => {
      const label = labelOf(className, methodName);
      const method = { className, methodName, label, prototype, token, isClass, source };
      return { method, ...metadata };
    };
    return methods.map(describe);
  }
}

/** Shared, as most classes have no decorated method. */
const NOTHING: readonly never[] = [];

/** Whether the provider can be looked at. A class without handlers need not be constructed. */
const isReady = (wrapper: Wrapper) =>
  isConstructed(wrapper) || (isClassProvider(wrapper) && !decoratedMethods(wrapper));

const labelOf = (className: string, methodName: string | symbol) =>
  `${className}.${String(methodName)}`;

function join(
  { handlers, rejectionHandlers }: Findings,
  added: readonly DecoratedMethod[],
): Findings {
  return {
    handlers: [
      ...handlers,
      ...added
        .filter(({ subscriptions }) => subscriptions.length > 0)
        .map(({ method, subscriptions }) => ({ ...method, subscriptions })),
    ],
    rejectionHandlers: [
      ...rejectionHandlers,
      ...added
        .filter(({ rejections }) => rejections.length > 0)
        .map(({ method, rejections }) => ({ ...method, options: rejections })),
    ],
  };
}

/** Whether both are the same method of a provider that is listed twice. */
export function isRepeat(one: DiscoveredMethod, other: DiscoveredMethod): boolean {
  if (one.methodName !== other.methodName) return false;
  if ('instance' in one.source && 'instance' in other.source) {
    if (one.source.instance === other.source.instance) return true;
  }
  return one.isClass && one.prototype === other.prototype && one.token === other.token;
}
