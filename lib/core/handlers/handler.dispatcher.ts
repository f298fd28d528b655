import { Injectable, Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { isObservable, lastValueFrom } from 'rxjs';
import { printable } from '../common/printable.js';
import { RevragPermanentError } from '../errors/revrag-permanent.error.js';
import { stackOf } from '../errors/stack-of.js';
import { Delivery } from '../events/delivery.js';
import type { RevragEvent } from '../events/revrag-event.js';
import { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { HandlerCall } from './revrag-observer.js';
import type { Handler, HandlerResult } from './handler.js';
import { argumentsFor } from './handler-arguments.js';
import { InjectionContexts } from './injection-contexts.js';
import { Observers } from './observers.js';

type CallableMethod = Pick<Handler, 'methodName' | 'source'>;
type AnyMethod = (...args: unknown[]) => unknown;

/** Calls handlers as plain methods, without the app's guards, pipes, interceptors and filters. */
@Injectable()
export class HandlerDispatcher {
  private readonly logger = new Logger('RevragWebhook');

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly observers: Observers,
  ) {}

  /** The injection contexts that the request-scoped handlers of one delivery share. */
  contextsOf(delivery: Delivery | VerifiedDelivery): InjectionContexts {
    const verified = delivery instanceof Delivery ? Delivery.verified(delivery) : delivery;
    const request = VerifiedDelivery.request(verified) ?? delivery;
    return new InjectionContexts(request, this.moduleRef);
  }

  /** Calls one handler. Never rejects. */
  async dispatch(
    event: RevragEvent,
    handler: Handler,
    contexts = this.contextsOf(event.delivery),
  ): Promise<HandlerResult> {
    const { type, delivery } = event;
    const { id: handlerId } = handler;
    const call = { handlerId, endpoint: delivery.endpoint, deliveryId: delivery.id, type };
    const work = async () => this.invoke(handler, contexts, await argumentsFor(handler, event));
    try {
      await this.observers.aroundHandler(call, work);
      return { status: 'finished' };
    } catch (error) {
      return this.failure(call, error);
    }
  }

  /** Calls a decorated method of a provider or controller and waits for what it returns. */
  async invoke(
    { methodName, source }: CallableMethod,
    contexts: InjectionContexts,
    args: readonly unknown[],
  ): Promise<void> {
    const target = 'instance' in source ? source.instance : await contexts.resolve(source);
    const method = (target as Record<string | symbol, AnyMethod>)[methodName] as AnyMethod;
    const returned = await method.apply(target, [...args]);
    if (isObservable(returned)) await lastValueFrom(returned, { defaultValue: undefined });
  }

  /** Reports what a handler threw. */
  private failure(call: HandlerCall, error: unknown): HandlerResult {
    const { handlerId, deliveryId } = call;
    this.observers.handlerError(error, call);
    const isPermanent = error instanceof RevragPermanentError;
    this.logger.error(
      `Handler ${handlerId} ${isPermanent ? 'gave up on' : 'failed for'} delivery ${printable(deliveryId)}`,
      stackOf(error),
    );
    return isPermanent ? { status: 'abandoned', error } : { status: 'failed', error };
  }
}
