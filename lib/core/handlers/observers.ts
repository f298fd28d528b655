import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { stackOf } from '../errors/stack-of.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { DeliveryReport, HandlerCall } from './delivery-observer.js';
import { isPerContext, type Wrapper } from './provider-wrapper.js';
import { RevragObserver, type StuckHandlers } from './revrag-observer.js';

/** The `RevragObserver`s of one app. */
@Injectable()
export class Observers {
  private readonly logger = new Logger(RevragObserver.name);
  private list: readonly RevragObserver[] | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /** Whether the app has none. */
  get isEmpty(): boolean {
    return this.all().length === 0;
  }

  outcome(report: DeliveryReport): void {
    this.call(observer => observer.onOutcome?.(report));
  }

  handlerError(error: unknown, call: HandlerCall): void {
    this.call(observer => observer.onHandlerError?.(error, call));
  }

  otherContent(event: RevragEvent): void {
    this.call(observer => observer.onOtherContent?.(event));
  }

  stuckHandlers(stuck: StuckHandlers): void {
    this.call(observer => observer.onStuckHandlers?.(stuck));
  }

  private call(work: (observer: RevragObserver) => unknown): void {
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
      ...new Set(this.discovery.getProviders().flatMap(wrapper => this.toObserver(wrapper) ?? [])),
    ]);
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
