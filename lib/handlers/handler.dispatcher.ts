import { Injectable, Logger } from '@nestjs/common';
import { ContextIdFactory } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Handler } from './handler.js';

/** How a handler ended. */
export interface HandlerResult {
  readonly handlerId: string;
  readonly ok: boolean;
  /** What it threw, where `ok` is false. */
  readonly error?: unknown;
}

type AnyMethod = (...args: unknown[]) => unknown;

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
      await this.invoke(handler, event.delivery, [event.payload, event.delivery]);
      return { handlerId, ok: true };
    } catch (error) {
      this.logger.error(
        `Handler ${handlerId} failed for delivery ${event.delivery.id}`,
        error instanceof Error ? error.stack : `It threw a value of type ${typeof error}`,
      );
      return { handlerId, ok: false, error };
    }
  }

  /**
   * Calls a decorated method of a provider or controller and waits for what it returns.
   *
   * @param request What request-scoped providers see as their REQUEST.
   */
  async invoke(
    method: Pick<Handler, 'methodName' | 'source'>,
    request: object,
    args: unknown[],
  ): Promise<void> {
    const target = await this.resolve(request, method);
    const returned = await (target[method.methodName] as AnyMethod).apply(target, args);
    if (isObservable(returned)) await lastValueFrom(returned, { defaultValue: undefined });
  }

  private async resolve(
    request: object,
    { source }: Pick<Handler, 'source'>,
  ): Promise<Record<string, unknown>> {
    if ('instance' in source) return source.instance as Record<string, unknown>;
    const { moduleRef, token } = source;
    // Durable providers go by the app's strategy.
    const contextId = ContextIdFactory.getByRequest(request);
    moduleRef.registerRequestByContextId(request, contextId);
    return moduleRef.resolve(token, contextId, { strict: true });
  }
}
