import { Logger } from '@nestjs/common';
import type { Clock } from '../common/clock.js';
import { printable } from '../common/printable.js';
import type { Observers } from '../handlers/observers.js';
import type { Run } from './run.js';

interface LimitOptions {
  /** Milliseconds; undefined for none. */
  readonly handlerTimeout: number | undefined;
  /** Milliseconds after `handlerTimeout`. */
  readonly graceTimeout: number;
  readonly onStuck: 'keep' | 'release';
}

/** After which time the log mentions a handler without `handlerTimeout`, in milliseconds. */
const SLOW_MS = 5 * 60_000;

/** Watches handlers that take long. */
export class HandlerLimits {
  private readonly logger = new Logger('RevragWebhook');

  constructor(
    private readonly options: LimitOptions,
    private readonly clock: Clock,
    private readonly observers: Observers,
  ) {}

  /**
   * @param onStuck Called when `graceTimeout` has passed after `handlerTimeout`.
   * @returns a function that ends the watch, if it needs ending
   */
  watch(run: Run, onStuck: () => void): (() => void) | undefined {
    const { handlerTimeout, graceTimeout } = this.options;
    if (handlerTimeout === undefined) return this.watchSlow(run);
    let stop = this.clock.after(handlerTimeout, () => {
      stop = this.clock.after(graceTimeout, () => {
        this.reportStuck(run);
        onStuck();
      });
      run.giveUp(`handlerTimeout of ${handlerTimeout} ms has passed`, run.failed);
    });
    return () => stop();
  }

  /** Checks when the lease is renewed, so that a handler needs no timer. */
  private watchSlow(run: Run): undefined {
    const startedAt = this.clock.monotonic();
    run.claim.onRenew = () => {
      if (this.clock.monotonic() - startedAt < SLOW_MS) return;
      run.claim.onRenew = () => undefined;
      this.logSlow(run);
    };
  }

  private reportStuck(run: Run): void {
    const { graceTimeout, onStuck } = this.options;
    const isReleased = onStuck === 'release';
    this.logger.error(
      `${describe(run)}: stuck, not settled ${graceTimeout} ms after its signal aborted; ` +
        (isReleased
          ? 'the claim is released, so a redelivery may overlap with it'
          : 'its claim is kept, so redeliveries get 409 until it settles or this process ends'),
    );
    this.observers.stuckHandlers(run.event.delivery, run.running);
    if (isReleased) void run.claim.end();
  }

  private logSlow(run: Run): void {
    this.logger.warn(
      `${describe(run)}: still running after ${SLOW_MS / 60_000} minutes. Set handlerTimeout to limit it.`,
    );
  }
}

function describe({ event, running }: Run): string {
  const { id, endpoint } = event.delivery;
  return `Handlers ${[...running.keys()].join(', ')} for ${printable(id)} on ${endpoint}`;
}
