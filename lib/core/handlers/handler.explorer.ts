import { Injectable } from '@nestjs/common';
import { DiscoveryService, ModulesContainer } from '@nestjs/core';
import { decoratedMethods } from './decorated-methods.js';
import {
  isClassProvider,
  isConstructed,
  sourceOf,
  type HandlerSource,
  type Wrapper,
} from './provider-wrapper.js';
import type { Subscription } from './subscription.js';

/** Shared, as most classes have no decorated method. */
const NOTHING: readonly DiscoveredMethod[] = [];

type Module = NonNullable<ReturnType<ModulesContainer['get']>>;

/** A decorated method that was found. */
export interface DiscoveredMethod {
  readonly className: string;
  readonly methodName: string | symbol;
  readonly subscriptions: readonly Subscription[];
  /** `Class.method`, for messages. */
  readonly label: string;
  /** The prototype that has the method. With the token, it identifies a provider that is registered twice. */
  readonly prototype: object;
  readonly token: unknown;
  /** Whether Nest made the object from its class. Objects of factories may differ although they share a token. */
  readonly isClass: boolean;
  readonly source: HandlerSource;
}

/** Finds decorated methods in providers and controllers. It only reports; the registry decides. */
@Injectable()
export class HandlerExplorer {
  private readonly explored = new Set<Module>();
  private found = NOTHING;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly modules: ModulesContainer,
  ) {}

  /**
   * The decorated methods; the same list until a module is loaded later (LazyModuleLoader). Looks at each module
   * once, as a large app has many classes: at boot, or when it was loaded.
   */
  methods(): readonly DiscoveredMethod[] {
    if (this.modules.size === this.explored.size) return this.found;
    const isBoot = this.explored.size === 0;
    const added: DiscoveredMethod[] = [];
    for (const module of this.modules.values()) {
      if (this.explored.has(module) || (!isBoot && !this.isReady(module))) continue;
      this.explored.add(module);
      for (const wrapper of this.wrappersOf(module)) added.push(...this.findIn(wrapper));
    }
    if (added.length > 0) this.found = [...this.found, ...added];
    return this.found;
  }

  /** Whether a module's providers can be called: they and its imports are constructed, which Nest does side by side. */
  private isReady(module: Module, asked = new Set<Module>()): boolean {
    if (this.explored.has(module) || asked.has(module)) return true;
    asked.add(module);
    return (
      [...module.imports].every(imported => this.isReady(imported, asked)) &&
      this.wrappersOf(module).every(isReady)
    );
  }

  private wrappersOf(module: Module): Wrapper[] {
    return [
      ...this.discovery.getProviders({}, [module]),
      ...this.discovery.getControllers({}, [module]),
    ].filter(({ isAlias }) => !isAlias);
  }

  private findIn(wrapper: Wrapper): readonly DiscoveredMethod[] {
    const found = decoratedMethods(wrapper);
    if (!found) return NOTHING;
    const { prototype, methods } = found;
    const className = prototype.constructor.name;
    const source = sourceOf(wrapper);
    const { token } = wrapper;
    const isClass = isClassProvider(wrapper);
    return methods.map(([methodName, subscriptions]) => {
      const label = `${className}.${String(methodName)}`;
      return { className, methodName, subscriptions, label, prototype, token, isClass, source };
    });
  }
}

/** Whether the provider's methods can be read. A class without handlers need not be constructed. */
const isReady = (wrapper: Wrapper) =>
  isConstructed(wrapper) || (isClassProvider(wrapper) && !decoratedMethods(wrapper));
