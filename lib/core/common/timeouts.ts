import { Bag, type InBag } from './bag.js';
import type { Clock } from './clock.js';

/** A wait that is under way. */
export class Wait implements InBag {
  place = 0;

  constructor(
    readonly due: number,
    readonly callback: () => void,
  ) {}
}

/**
 * Waits of one length, on one timer. Nearly all of them are called off long before they are over, and a timer
 * of its own for each costs a delivery as much as its signature.
 */
export class Timeouts {
  private readonly waits = new Bag<Wait>();
  private clearTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    /** Milliseconds. */
    readonly ms: number,
  ) {}

  /** Calls back once after `ms` milliseconds, unless the wait is called off. */
  start(callback: () => void): Wait {
    const wait = new Wait(this.clock.monotonic() + this.ms, callback);
    this.waits.add(wait);
    this.clearTimer ??= this.clock.after(this.ms, () => this.ring());
    return wait;
  }

  /** Calls a wait off; does nothing where it is over. */
  cancel(wait: Wait): void {
    if (!this.waits.delete(wait) || this.waits.size > 0) return;
    this.clearTimer?.();
    this.clearTimer = undefined;
  }

  private ring(): void {
    const now = this.clock.monotonic();
    for (const wait of [...this.waits].filter(({ due }) => due <= now)) {
      // One that was called before it may have called it off.
      if (this.waits.delete(wait)) wait.callback();
    }
    let next = Infinity;
    for (const { due } of this.waits) next = Math.min(next, due);
    this.clearTimer =
      this.waits.size > 0 ? this.clock.after(next - now, () => this.ring()) : undefined;
  }
}
