import { Logger } from '@nestjs/common';
import type { Awaitable } from '../common/awaitable.js';
import type { Clock } from '../common/clock.js';
import { printable } from '../common/printable.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Observers } from '../handlers/observers.js';
import type { HeldClaim } from './held-claim.js';

export interface LimitOptions {
  /** Milliseconds; undefined for none. */
  readonly handlerTimeout: number | undefined;
  /** Milliseconds after `handlerTimeout`. */
  readonly graceTimeout: number;
  readonly onStuck: 'keep' | 'release';
}

/** What is under way for a delivery. */
interface Watched {
  readonly event: RevragEvent;
  /** Those that have not settled, by their ids. */
  readonly running: ReadonlyMap<string, Awaitable<unknown>>;
  readonly claim: HeldClaim;
}

interface LimitEvents {
  /** `handlerTimeout` has passed. */
  readonly onTimeout: (reason: string) => void;
  /** `graceTimeout` has passed as well. */
  readonly onStuck: () => void;
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

  /** @returns a function that ends the watch, if it needs ending */
  watch(watched: Watched, { onTimeout, onStuck }: LimitEvents): (() => void) | undefined {
    const { handlerTimeout, graceTimeout } = this.options;
    if (handlerTimeout === undefined) return this.watchSlow(watched);
    let stop = this.clock.after(handlerTimeout, () => {
      stop = this.clock.after(graceTimeout, () => {
        this.giveUp(watched);
        onStuck();
      });
      onTimeout(`handlerTimeout of ${handlerTimeout} ms has passed`);
    });
    return () => stop();
  }

  /** Checks when the lease is renewed, so that a handler needs no timer. */
  private watchSlow(watched: Watched): undefined {
    const startedAt = this.clock.monotonic();
    watched.claim.onRenew = () => {
      if (this.clock.monotonic() - startedAt < SLOW_MS) return;
      watched.claim.onRenew = () => undefined;
      this.logSlow(watched);
    };
  }

  private giveUp(watched: Watched): void {
    const { graceTimeout, onStuck } = this.options;
    const isReleased = onStuck === 'release';
    this.logger.error(
      `${describe(watched)}: stuck, not settled ${graceTimeout} ms after its signal aborted; ` +
        (isReleased
          ? 'the claim is released, so a redelivery may overlap with it'
          : 'its claim is kept, so redeliveries get 409 until it settles or this process ends'),
    );
    this.observers.stuckHandlers(watched.event.delivery, watched.running);
    if (isReleased) void watched.claim.end();
  }

  private logSlow(watched: Watched): void {
    this.logger.warn(
      `${describe(watched)}: still running after ${SLOW_MS / 60_000} minutes. Set handlerTimeout to limit it.`,
    );
  }
}

function describe({ event, running }: Watched): string {
  const { id, endpoint } = event.delivery;
  return `Handlers ${[...running.keys()].join(', ')} for ${printable(id)} on ${endpoint}`;
}
