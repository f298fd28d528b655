import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { DeliveryReport, HandlerCall } from './delivery-observer.js';
import { RevragObserver, type StuckHandlers } from './revrag-observer.js';

/** The `RevragObserver`s of one app. */
@Injectable()
export class Observers {
  private readonly logger = new Logger(RevragObserver.name);
  private list: readonly RevragObserver[] | undefined;

  constructor(private readonly discovery: DiscoveryService) {}

  /** Whether there are any. */
  get areThere(): boolean {
    return this.all().length > 0;
  }

  outcome(report: DeliveryReport): void {
    this.call(observer => observer.onOutcome?.(report));
  }

  handlerError(error: unknown, call: HandlerCall): void {
    this.call(observer => observer.onHandlerError?.(error, call));
  }

  stuckHandlers(stuck: StuckHandlers): void {
    this.call(observer => observer.onStuckHandlers?.(stuck));
  }

  private call(work: (observer: RevragObserver) => unknown): void {
    for (const observer of this.all()) {
      Promise.resolve()
        .then(() => work(observer))
        .catch((error: unknown) => {
          this.logger.error(
            `${observer.constructor.name} failed`,
            error instanceof Error ? error.stack : `It threw a value of type ${typeof error}`,
          );
        });
    }
  }

  /** Found once, when the app has booted. An alias, or a class listed twice, counts once. */
  private all(): readonly RevragObserver[] {
    return (this.list ??= [
      ...new Set(
        this.discovery
          .getProviders()
          .map(({ instance }) => instance as unknown)
          .filter(instance => instance instanceof RevragObserver),
      ),
    ]);
  }
}
