import { Logger } from '@nestjs/common';
import type { Clock } from '../core/common/clock.js';
import { Delivery } from '../core/events/delivery.js';

/** When the log mentions a handler that has no `handlerTimeout`, in milliseconds. */
const SLOW_MS = 5 * 60_000;

export interface RunLimitOptions {
  /** Milliseconds; undefined for none. */
  readonly handlerTimeout?: number | undefined;
  /** Milliseconds after `handlerTimeout`. */
  readonly graceTimeout: number;
}

/** Limits how long a worker's slot waits for a handler. */
export class RunLimits {
  private readonly logger = new Logger('RevragBullModule');

  constructor(
    private readonly options: RunLimitOptions,
    private readonly clock: Clock,
  ) {}

  /**
   * Aborts the delivery's signal after `handlerTimeout`, and stops waiting `graceTimeout` later.
   *
   * @param name Of the job, for the log.
   * @returns undefined if the handler has not settled by then
   */
  wait<T>(handling: Promise<T>, delivery: Delivery, name: string): Promise<T | undefined> {
    const { handlerTimeout, graceTimeout } = this.options;
    return new Promise((resolve, reject) => {
      let cancel: () => void;
      if (handlerTimeout === undefined) {
        cancel = this.clock.after(SLOW_MS, () => this.logSlow(name));
      } else {
        cancel = this.clock.after(handlerTimeout, () => {
          cancel = this.clock.after(graceTimeout, () => resolve(undefined));
          const reason = `handlerTimeout of ${handlerTimeout} ms has passed`;
          Delivery.abort(delivery, new Error(reason));
        });
      }
      handling.finally(() => cancel()).then(resolve, reject);
    });
  }

  private logSlow(name: string): void {
    this.logger.warn(
      `${name}: still running after ${SLOW_MS / 60_000} minutes. Set handlerTimeout to limit it.`,
    );
  }
}
