import { Injectable, Logger } from '@nestjs/common';
import { ContextIdFactory } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Delivery } from '../events/delivery.js';
import type { RevragEvent } from '../events/revrag-event.js';
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

  /** Starts the handlers together. Each answer resolves when its handler has settled; none rejects. */
  dispatch(event: RevragEvent, handlers: readonly Handler[]): Promise<HandlerResult>[] {
    return handlers.map(handler => this.run(event, handler));
  }

  private async run(event: RevragEvent, handler: Handler): Promise<HandlerResult> {
    const handlerId = handler.id;
    try {
      await this.call(event, handler);
      return { handlerId, ok: true };
    } catch (error) {
      this.logger.error(
        `Handler ${handlerId} failed for delivery ${event.delivery.id}`,
        error instanceof Error ? error.stack : `It threw a value of type ${typeof error}`,
      );
      return { handlerId, ok: false, error };
    }
  }

  private async call(event: RevragEvent, handler: Handler): Promise<void> {
    const target = await this.resolve(event.delivery, handler);
    const method = target[handler.methodName] as HandlerMethod;
    const returned = await method.call(target, event.payload, event.delivery);
    if (isObservable(returned)) await lastValueFrom(returned, { defaultValue: undefined });
  }

  private async resolve(delivery: Delivery, { source }: Handler): Promise<Record<string, unknown>> {
    if ('instance' in source) return source.instance as Record<string, unknown>;
    const { moduleRef, token } = source;
    // Request-scoped providers see the delivery as their REQUEST; durable ones go by the app's strategy.
    const contextId = ContextIdFactory.getByRequest(delivery);
    moduleRef.registerRequestByContextId(delivery, contextId);
    return moduleRef.resolve(token, contextId, { strict: true });
  }
}
