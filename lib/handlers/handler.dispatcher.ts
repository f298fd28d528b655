import { Injectable, Logger } from '@nestjs/common';
import { ContextIdFactory, ModuleRef, type ContextId } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Delivery } from '../events/delivery.js';
import type { RevragEvent } from '../events/revrag-event.js';
import { printable } from '../printable.js';
import type { Handler } from './handler.js';

/** How a handler ended. */
export interface HandlerResult {
  readonly handlerId: string;
  readonly ok: boolean;
  /** What it threw, where `ok` is false. */
  readonly error?: unknown;
}

type HandlerMethod = (payload: unknown, delivery: Delivery) => unknown;

/** Calls handlers: plain method calls, without the app's guards, pipes, interceptors and filters. */
@Injectable()
export class HandlerDispatcher {
  private readonly logger = new Logger(HandlerDispatcher.name);

  constructor(private readonly moduleRef: ModuleRef) {}

  /** Starts the handlers together. Each answer resolves when its handler has settled; none rejects. */
  dispatch(event: RevragEvent, handlers: readonly Handler[]): Promise<HandlerResult>[] {
    const contexts = new DeliveryContexts(event.delivery, this.moduleRef);
    return handlers.map(handler => this.run(event, handler, contexts));
  }

  private async run(
    event: RevragEvent,
    handler: Handler,
    contexts: DeliveryContexts,
  ): Promise<HandlerResult> {
    const handlerId = handler.id;
    try {
      const target = await resolve(handler, contexts);
      const method = target[handler.methodName] as HandlerMethod;
      const returned = await method.call(target, event.payload, event.delivery);
      if (isObservable(returned)) await lastValueFrom(returned, { defaultValue: undefined });
      return { handlerId, ok: true };
    } catch (error) {
      this.logger.error(
        `Handler ${handlerId} failed for delivery ${printable(event.delivery.id)}`,
        error instanceof Error ? error.stack : `It threw a value of type ${typeof error}`,
      );
      return { handlerId, ok: false, error };
    }
  }
}

function resolve(
  { source }: Handler,
  contexts: DeliveryContexts,
): Record<string, unknown> | Promise<Record<string, unknown>> {
  if ('instance' in source) return source.instance as Record<string, unknown>;
  const { moduleRef, token, isDurable } = source;
  return moduleRef.resolve(token, contexts.get(isDurable), { strict: true });
}

/**
 * The injection contexts of one delivery: request-scoped handlers share one, with the delivery as
 * REQUEST. Durable ones live on, so they see the payload of the app's strategy and never the delivery.
 */
class DeliveryContexts {
  private readonly contexts = new Map<boolean, ContextId>();

  constructor(
    private readonly delivery: Delivery,
    private readonly moduleRef: ModuleRef,
  ) {}

  get(isDurable: boolean): ContextId {
    const existing = this.contexts.get(isDurable);
    if (existing) return existing;
    const contextId = ContextIdFactory.getByRequest(this.delivery);
    const request: unknown = isDurable ? contextId.payload : this.delivery;
    this.moduleRef.registerRequestByContextId(request, contextId);
    this.contexts.set(isDurable, contextId);
    return contextId;
  }
}
