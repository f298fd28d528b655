import { ContextIdFactory, type ContextId, type ModuleRef } from '@nestjs/core';
import type { Handler } from './handler.js';

type PerContext = Exclude<Handler['source'], { readonly instance: object }>;

/**
 * The injection contexts of one delivery: request-scoped handlers share one, with what brought the
 * delivery as REQUEST. Durable ones live on, so they see the payload of the app's strategy and never
 * the delivery.
 */
export class InjectionContexts {
  private contexts: Map<boolean, ContextId> | undefined;

  constructor(
    private readonly request: object,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** The object that a method of a request-scoped, durable or transient provider is called on. */
  resolve({ moduleRef, token, isDurable }: PerContext): Promise<object> {
    return moduleRef.resolve<object>(token, this.get(isDurable), { strict: true });
  }

  private get(isDurable: boolean): ContextId {
    this.contexts ??= new Map();
    const existing = this.contexts.get(isDurable);
    if (existing) return existing;
    const contextId = ContextIdFactory.getByRequest(this.request);
    const request: unknown = isDurable ? contextId.payload : this.request;
    this.moduleRef.registerRequestByContextId(request, contextId);
    this.contexts.set(isDurable, contextId);
    return contextId;
  }
}
