import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/common/clock.js';
import { Delivery } from '../core/events/delivery.js';
import { HandlerTimes } from '../core/handlers/handler-times.js';
import { Observers } from '../core/handlers/observers.js';
import { HandlerStuckError } from './handler-stuck.error.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { BULL_OPTIONS } from './tokens.js';

/** A handler that a worker waits for. */
interface WatchedRun {
  /** Of the job. */
  readonly name: string;
  readonly handlerId: string;
  readonly delivery: Delivery;
}

/** Limits how long a worker's slot waits for a handler. */
@Injectable()
export class RunLimits {
  private readonly logger = new Logger('RevragBullModule');

  private readonly times: HandlerTimes;

  constructor(
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) clock: Clock,
    private readonly observers: Observers,
  ) {
    this.times = new HandlerTimes(options, clock);
  }

  /**
   * Settles as the handler does. Aborts the delivery's signal after `handlerTimeout`.
   *
   * @throws HandlerStuckError `graceTimeout` after that
   */
  wait<T>(handling: Promise<T>, { name, handlerId, delivery }: WatchedRun): Promise<T> {
    return new Promise((resolve, reject) => {
      const stopWatching = this.times.watch({
        onSlow: text => this.logger.warn(`${name}: ${text}`),
        onTimeout: reason => Delivery.abort(delivery, new Error(reason)),
        onStuck: text => {
          this.logger.error(`${name}: ${text}`);
          this.observers.stuckHandlers(delivery, new Map([[handlerId, handling]]));
          reject(new HandlerStuckError(handlerId, this.options));
        },
      });
      handling.finally(stopWatching).then(resolve, reject);
    });
  }
}
