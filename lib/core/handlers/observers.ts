import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { stackOf } from '../errors/stack-of.js';
import type { Delivery } from '../events/delivery.js';
import type { RevragEvent } from '../events/revrag-event.js';
import { type DeliveryReport, type HandlerCall, RevragObserver } from './revrag-observer.js';
import { isPerContext, type Wrapper } from './provider-wrapper.js';
import { Telemetry } from './telemetry.js';

/** What observes the deliveries of one app: telemetry, and the app's `RevragObserver`s. */
@Injectable()
export class Observers {
  private readonly logger = new Logger(RevragObserver.name);
  private list: readonly RevragObserver[] | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    @Optional() @Inject(Telemetry) private readonly telemetry?: Telemetry,
  ) {}

  /** Whether nothing observes. */
  get isEmpty(): boolean {
    return !this.telemetry && this.all().length === 0;
  }

  aroundDelivery<T>(endpoint: string, work: () => Promise<T>): Promise<T> {
    return this.telemetry ? this.telemetry.aroundDelivery(endpoint, work) : work();
  }

  aroundHandler<T>(call: HandlerCall, work: () => Promise<T>): Promise<T> {
    return this.telemetry ? this.telemetry.aroundHandler(call, work) : work();
  }

  outcome(report: DeliveryReport): void {
    this.telemetry?.outcome(report);
    this.notify(observer => observer.onOutcome?.(report));
  }

  handlerError(error: unknown, call: HandlerCall): void {
    this.notify(observer => observer.onHandlerError?.(error, call));
  }

  otherContent(event: RevragEvent): void {
    this.notify(observer => observer.onOtherContent?.(event));
  }

  /** @param running The handlers by their ids, with promises that settle as they do. */
  stuckHandlers(delivery: Delivery, running: ReadonlyMap<string, Promise<unknown>>): void {
    const { endpoint, id: deliveryId, type } = delivery;
    const stuck = { endpoint, deliveryId, type, handlerIds: [...running.keys()] };
    this.notify(observer => observer.onStuckHandlers?.(stuck));
    for (const [handlerId, settling] of running) this.telemetry?.stuck(handlerId, settling);
  }

  private notify(work: (observer: RevragObserver) => unknown): void {
    for (const observer of this.all()) {
      Promise.resolve()
        .then(() => work(observer))
        .catch((error: unknown) => {
          this.logger.error(`${observer.constructor.name} failed`, stackOf(error));
        });
    }
  }

  /** Found once, when the app has booted. An alias, or a class listed twice, counts once. */
  private all(): readonly RevragObserver[] {
    return (this.list ??= [
      ...new Set(this.discovery.getProviders().map(wrapper => this.toObserver(wrapper))),
    ].filter(observer => observer !== undefined));
  }

  private toObserver(wrapper: Wrapper): RevragObserver | undefined {
    const instance = wrapper.instance as unknown;
    if (!(instance instanceof RevragObserver)) return undefined;
    if (!isPerContext(wrapper)) return instance;
    // What Nest keeps of such a class has not been through its constructor.
    this.logger.error(
      `${instance.constructor.name} is request-scoped or transient, or needs something that is: there is no ` +
        'request where outcomes are reported, so it is not called. Make it a singleton.',
    );
    return undefined;
  }
}
