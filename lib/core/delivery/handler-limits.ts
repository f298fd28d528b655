import { Logger } from '@nestjs/common';
import type { Clock } from '../common/clock.js';
import { printable } from '../common/printable.js';
import type { RevragEvent } from '../events/revrag-event.js';
import type { Handler } from '../handlers/handler.js';
import type { Observers } from '../handlers/observers.js';
import type { HeldClaim } from './held-claim.js';

export interface LimitOptions {
  /** Milliseconds; undefined for none. */
  readonly handlerTimeout: number | undefined;
  /** Milliseconds after `handlerTimeout`. */
  readonly graceTimeout: number;
  readonly onStuck: 'keep' | 'release';
}

/** Handlers that are running for a delivery. */
interface Running {
  readonly event: RevragEvent;
  readonly handlers: readonly Handler[];
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
  watch(running: Running, { onTimeout, onStuck }: LimitEvents): (() => void) | undefined {
    const { handlerTimeout, graceTimeout } = this.options;
    if (handlerTimeout === undefined) return this.watchSlow(running);
    let stop = this.clock.after(handlerTimeout, () => {
      stop = this.clock.after(graceTimeout, () => {
        this.giveUp(running);
        onStuck();
      });
      onTimeout(`handlerTimeout of ${handlerTimeout} ms has passed`);
    });
    return () => stop();
  }

  /** Checks when the lease is renewed, so that a handler needs no timer. */
  private watchSlow(running: Running): undefined {
    const startedAt = this.clock.monotonic();
    running.claim.onRenew = () => {
      if (this.clock.monotonic() - startedAt < SLOW_MS) return;
      running.claim.onRenew = () => undefined;
      this.logSlow(running);
    };
  }

  private giveUp(running: Running): void {
    const { graceTimeout, onStuck } = this.options;
    const isReleased = onStuck === 'release';
    this.logger.error(
      `${describe(running)}: stuck, not settled ${graceTimeout} ms after its signal aborted; ` +
        (isReleased
          ? 'the claim is released, so a redelivery may overlap with it'
          : 'its claim is kept, so redeliveries get 409 until it settles or this process ends'),
    );
    const { id: deliveryId, endpoint, type } = running.event.delivery;
    const handlerIds = unfinishedOf(running);
    this.observers.stuckHandlers({ endpoint, deliveryId, type, handlerIds });
    if (isReleased) void running.claim.end();
  }

  private logSlow(running: Running): void {
    this.logger.warn(
      `${describe(running)}: still running after ${SLOW_MS / 60_000} minutes. Set handlerTimeout to limit it.`,
    );
  }
}

const unfinishedOf = ({ handlers, claim }: Running): string[] =>
  handlers.map(({ id }) => id).filter(id => !claim.hasFinished(id));

function describe(running: Running): string {
  const { id, endpoint } = running.event.delivery;
  return `Handlers ${unfinishedOf(running).join(', ')} for ${printable(id)} on ${endpoint}`;
}
