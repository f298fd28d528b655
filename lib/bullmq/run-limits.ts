import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/common/clock.js';
import { Delivery } from '../core/events/delivery.js';
import { Observers } from '../core/handlers/observers.js';
import { HandlerStuckError } from './handler-stuck.error.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { BULL_OPTIONS } from './tokens.js';

/** When the log mentions a handler that has no `handlerTimeout`, in milliseconds. */
const SLOW_MS = 5 * 60_000;

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

  constructor(
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) private readonly clock: Clock,
    private readonly observers: Observers,
  ) {}

  /**
   * Settles as the handler does. Aborts the delivery's signal after `handlerTimeout`.
   *
   * @throws HandlerStuckError `graceTimeout` after that
   */
  wait<T>(handling: Promise<T>, run: WatchedRun): Promise<T> {
    const { handlerTimeout, graceTimeout } = this.options;
    return new Promise((resolve, reject) => {
      let cancel: () => void;
      if (handlerTimeout === undefined) {
        cancel = this.clock.after(SLOW_MS, () => this.logSlow(run.name));
      } else {
        cancel = this.clock.after(handlerTimeout, () => {
          cancel = this.clock.after(graceTimeout, () => {
            this.report(run, handling);
            reject(new HandlerStuckError(run.handlerId, this.options));
          });
          const reason = `handlerTimeout of ${handlerTimeout} ms has passed`;
          Delivery.abort(run.delivery, new Error(reason));
        });
      }
      handling.finally(() => cancel()).then(resolve, reject);
    });
  }

  private report({ name, handlerId, delivery }: WatchedRun, handling: Promise<unknown>): void {
    const { graceTimeout } = this.options;
    this.logger.error(`${name}: stuck, not settled ${graceTimeout} ms after its signal aborted`);
    this.observers.stuckHandlers(delivery, new Map([[handlerId, handling]]));
  }

  private logSlow(name: string): void {
    this.logger.warn(
      `${name}: still running after ${SLOW_MS / 60_000} minutes. Set handlerTimeout to limit it.`,
    );
  }
}
