import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { DeliveryObserver } from '../delivery-observer.js';
import type { RevragEvent } from '../events/revrag-event.js';
import { printable } from '../printable.js';
import type { Handler } from './handler.js';
import { InjectionContexts } from './injection-contexts.js';

/** How a handler ended. */
export interface HandlerResult {
  readonly handlerId: string;
  readonly ok: boolean;
  /** What it threw, where `ok` is false. */
  readonly error?: unknown;
}

type CallableMethod = Pick<Handler, 'methodName' | 'source'>;
type AnyMethod = (...args: unknown[]) => unknown;

/** Calls handlers: plain method calls, without the app's guards, pipes, interceptors and filters. */
@Injectable()
export class HandlerDispatcher {
  private readonly logger = new Logger(HandlerDispatcher.name);

  constructor(
    private readonly moduleRef: ModuleRef,
    @Optional() @Inject(DeliveryObserver) private readonly observer?: DeliveryObserver,
  ) {}

  /** Calls one handler. Resolves when it has settled; never rejects. */
  dispatch(event: RevragEvent, handler: Handler): Promise<HandlerResult> {
    return this.run(event, handler, this.contextsOf(event));
  }

  /**
   * Starts the handlers together. Resolves when all have settled; never rejects.
   *
   * @param finished Told each that has finished, at once.
   */
  dispatchAll(
    event: RevragEvent,
    handlers: readonly Handler[],
    finished: (handlerId: string) => void,
  ): Promise<unknown> {
    const contexts = this.contextsOf(event);
    const [only] = handlers;
    // Most apps have one handler, and waiting for a list costs more than calling it.
    if (only && handlers.length === 1) return this.run(event, only, contexts, finished);
    return Promise.all(handlers.map(handler => this.run(event, handler, contexts, finished)));
  }

  /**
   * Calls a decorated method of a provider or controller and waits for what it returns.
   *
   * @param request What request-scoped providers see as their REQUEST.
   */
  invoke(method: CallableMethod, request: object, args: unknown[]): Promise<void> {
    return call(method, new InjectionContexts(request, this.moduleRef), args);
  }

  private async run(
    event: RevragEvent,
    handler: Handler,
    contexts: InjectionContexts,
    finished?: (handlerId: string) => void,
  ): Promise<HandlerResult> {
    const handlerId = handler.id;
    const { type, payload, delivery } = event;
    const work = () => call(handler, contexts, [payload, delivery]);
    try {
      if (this.observer) {
        const { id: deliveryId, endpoint } = delivery;
        await this.observer.aroundHandler({ handlerId, endpoint, deliveryId, type }, work);
      } else {
        await work();
      }
    } catch (error) {
      this.logger.error(
        `Handler ${handlerId} failed for delivery ${printable(event.delivery.id)}`,
        error instanceof Error ? error.stack : `It threw a value of type ${typeof error}`,
      );
      return { handlerId, ok: false, error };
    }
    finished?.(handlerId);
    return { handlerId, ok: true };
  }

  private contextsOf({ delivery }: RevragEvent): InjectionContexts {
    return new InjectionContexts(delivery, this.moduleRef);
  }
}

async function call(
  { methodName, source }: CallableMethod,
  contexts: InjectionContexts,
  args: unknown[],
): Promise<void> {
  const target = 'instance' in source ? source.instance : await resolve(source, contexts);
  const method = (target as Record<string, unknown>)[methodName] as AnyMethod;
  const returned = await method.apply(target, args);
  if (isObservable(returned)) await lastValueFrom(returned, { defaultValue: undefined });
}

function resolve(
  { moduleRef, token, isDurable }: Exclude<Handler['source'], { readonly instance: object }>,
  contexts: InjectionContexts,
): Promise<object> {
  return moduleRef.resolve<object>(token, contexts.get(isDurable), { strict: true });
}
