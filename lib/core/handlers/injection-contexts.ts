import { ContextIdFactory, type ContextId, type ModuleRef } from '@nestjs/core';
import type { Handler } from './handler.js';

type PerContext = Exclude<Handler['source'], { readonly instance: object }>;

/**
 * The injection contexts of one delivery. Request-scoped handlers share one, with the platform's request, or the
 * delivery without HTTP, as REQUEST. Durable handlers outlive the delivery, so they get the payload of the app's
 * strategy instead.
 */
export class InjectionContexts {
  private contexts: Map<boolean, ContextId> | undefined;

  constructor(
    private readonly request: object,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** The object of a request-scoped, durable or transient provider. */
  resolve({ moduleRef, token, isDurable }: PerContext): Promise<object> {
    return moduleRef.resolve<object>(token, this.get(isDurable));
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
