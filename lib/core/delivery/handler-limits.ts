import { Logger } from '@nestjs/common';
import type { Clock } from '../common/clock.js';
import { printable } from '../common/printable.js';
import { HandlerTimes } from '../handlers/handler-times.js';
import type { Observers } from '../handlers/observers.js';
import type { Run } from './run.js';

interface LimitOptions {
  /** Milliseconds; undefined for none. */
  readonly handlerTimeout: number | undefined;
  /** Milliseconds after `handlerTimeout`. */
  readonly graceTimeout: number;
  readonly onStuck: 'keep' | 'release';
}

/** Limits how long a sender waits for handlers, and a delivery for a stuck one. */
export class HandlerLimits {
  private readonly logger = new Logger('RevragWebhook');
  private readonly times: HandlerTimes;

  constructor(
    private readonly options: LimitOptions,
    clock: Clock,
    private readonly observers: Observers,
  ) {
    this.times = new HandlerTimes(options, clock);
  }

  /**
   * @param onStuck Called when `graceTimeout` has passed after `handlerTimeout`.
   * @returns a function that ends the watch
   */
  watch(run: Run, onStuck: () => void): () => void {
    return this.times.watch({
      onSlow: text => this.logger.warn(`${describe(run)}: ${text}`),
      onTimeout: reason => run.answerEarly(reason, run.failed),
      onStuck: text => {
        this.reportStuck(run, text);
        onStuck();
      },
    });
  }

  private reportStuck(run: Run, text: string): void {
    const isReleased = this.options.onStuck === 'release';
    this.logger.error(
      `${describe(run)}: ${text}; ` +
        (isReleased
          ? 'the claim is released, so a redelivery may overlap with it'
          : 'its claim is kept, so redeliveries get 409 until it settles or this process ends'),
    );
    this.observers.stuckHandlers(run.event.delivery, run.running);
    if (isReleased) void run.claim.end();
  }
}

function describe({ event, running }: Run): string {
  const { id, endpoint } = event.delivery;
  return `Handlers ${[...running.keys()].join(', ')} for ${printable(id)} on ${endpoint}`;
}
