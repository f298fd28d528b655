import type { Clock } from '../common/clock.js';
import { Timeouts } from '../common/timeouts.js';

interface HandlerTimesOptions {
  /** Milliseconds; undefined for none. */
  readonly handlerTimeout?: number | undefined;
  /** Milliseconds after `handlerTimeout`. */
  readonly graceTimeout: number;
}

/** Called when a handler takes long, with what to say of it. */
interface LateEvents {
  /** A handler without `handlerTimeout` runs for minutes. */
  readonly onSlow: (text: string) => void;
  /** `handlerTimeout` has passed. */
  readonly onTimeout: (text: string) => void;
  /** `graceTimeout` has passed as well. */
  readonly onStuck: (text: string) => void;
}

/** After which time a handler without `handlerTimeout` is slow, in milliseconds. */
const SLOW_MS = 5 * 60_000;

/** Watches how long handlers take, in the app and in a worker. */
export class HandlerTimes {
  private readonly slow: Timeouts;

  constructor(
    private readonly options: HandlerTimesOptions,
    private readonly clock: Clock,
  ) {
    this.slow = new Timeouts(clock, SLOW_MS);
  }

  /** @returns a function that ends the watch */
  watch({ onSlow, onTimeout, onStuck }: LateEvents): () => void {
    const { handlerTimeout, graceTimeout } = this.options;
    if (handlerTimeout === undefined) {
      const minutes = SLOW_MS / 60_000;
      const wait = this.slow.set(() =>
        onSlow(`still running after ${minutes} minutes. Set handlerTimeout to limit it.`),
      );
      return () => this.slow.cancel(wait);
    }
    let stop = this.clock.after(handlerTimeout, () => {
      stop = this.clock.after(graceTimeout, () =>
        onStuck(`stuck, not settled ${graceTimeout} ms after its signal aborted`),
      );
      onTimeout(`handlerTimeout of ${handlerTimeout} ms has passed`);
    });
    return () => stop();
  }
}
