import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { isThenable, type Awaitable } from '../common/awaitable.js';
import { DeliveryObserver } from './delivery-observer.js';
import { Delivery } from '../events/delivery.js';
import type { RevragEvent } from '../events/revrag-event.js';
import { printable } from '../common/printable.js';
import { VerifiedDelivery } from '../signature/verified-delivery.js';
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

  /** Calls one handler. Never rejects. */
  dispatch(event: RevragEvent, handler: Handler): Awaitable<HandlerResult> {
    return this.run(event, handler, this.contextsOf(event.delivery));
  }

  /**
   * Starts the handlers together.
   *
   * @param finished Told each that has finished, at once.
   * @returns what to wait for where some have not settled yet; never rejects
   */
  dispatchAll(
    event: RevragEvent,
    handlers: readonly Handler[],
    finished: (handlerId: string) => void,
  ): Promise<unknown> | undefined {
    const contexts = this.contextsOf(event.delivery);
    const running: Promise<unknown>[] = [];
    for (const handler of handlers) {
      const result = this.run(event, handler, contexts, finished);
      if (result instanceof Promise) running.push(result);
    }
    return running.length > 1 ? Promise.all(running) : running[0];
  }

  /**
   * Calls a decorated method of a provider or controller and waits for what it returns.
   *
   * @param delivery Request-scoped providers see what brought it as their REQUEST.
   */
  async invoke(method: CallableMethod, delivery: VerifiedDelivery, args: unknown[]): Promise<void> {
    await settled(call(method, this.contextsOf(delivery), args));
  }

  private run(
    event: RevragEvent,
    handler: Handler,
    contexts: InjectionContexts,
    finished?: (handlerId: string) => void,
  ): Awaitable<HandlerResult> {
    try {
      const returned = this.start(event, handler, contexts);
      if (isThenable(returned) || isObservable(returned)) {
        return this.whenSettled(event, handler, returned, finished);
      }
      return succeeded(handler, finished);
    } catch (error) {
      return this.failed(event, handler, error);
    }
  }

  private start(event: RevragEvent, handler: Handler, contexts: InjectionContexts): unknown {
    const { type, payload, delivery } = event;
    const args = [payload, delivery];
    if (!this.observer) return call(handler, contexts, args);
    const { id: deliveryId, endpoint } = delivery;
    const what = { handlerId: handler.id, endpoint, deliveryId, type };
    return this.observer.aroundHandler(what, async () => {
      await settled(call(handler, contexts, args));
    });
  }

  private async whenSettled(
    event: RevragEvent,
    handler: Handler,
    returned: unknown,
    finished?: (handlerId: string) => void,
  ): Promise<HandlerResult> {
    try {
      await settled(returned);
    } catch (error) {
      return this.failed(event, handler, error);
    }
    return succeeded(handler, finished);
  }

  private failed({ delivery }: RevragEvent, { id }: Handler, error: unknown): HandlerResult {
    this.logger.error(
      `Handler ${id} failed for delivery ${printable(delivery.id)}`,
      error instanceof Error ? error.stack : `It threw a value of type ${typeof error}`,
    );
    return { handlerId: id, ok: false, error };
  }

  /** @param delivery Stands for the request where it did not come over HTTP. */
  private contextsOf(delivery: Delivery | VerifiedDelivery): InjectionContexts {
    const verified = delivery instanceof Delivery ? Delivery.verified(delivery) : delivery;
    const request = VerifiedDelivery.origin(verified)?.request ?? delivery;
    return new InjectionContexts(request, this.moduleRef);
  }
}

function succeeded({ id }: Handler, finished?: (handlerId: string) => void): HandlerResult {
  finished?.(id);
  return { handlerId: id, ok: true };
}

/** @returns what the method returns: at once where its object is there */
function call(
  { methodName, source }: CallableMethod,
  contexts: InjectionContexts,
  args: unknown[],
): unknown {
  const callOn = (target: object) =>
    ((target as Record<string | symbol, unknown>)[methodName] as AnyMethod).apply(target, args);
  return 'instance' in source ? callOn(source.instance) : resolve(source, contexts).then(callOn);
}

async function settled(returned: unknown): Promise<void> {
  const value = await returned;
  if (isObservable(value)) await lastValueFrom(value, { defaultValue: undefined });
}

function resolve(
  { moduleRef, token, isDurable }: Exclude<Handler['source'], { readonly instance: object }>,
  contexts: InjectionContexts,
): Promise<object> {
  return moduleRef.resolve<object>(token, contexts.get(isDurable), { strict: true });
}
