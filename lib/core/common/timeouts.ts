import type { Clock } from './clock.js';

/** A wait in progress. A class, as decision 29 says. */
export class Wait {
  constructor(
    readonly due: number,
    readonly callback: () => void,
  ) {}
}

/**
 * Waits of one length that share one timer. Most are cancelled long before they end, and a timer for each would
 * cost a queued delivery as much as its signature (decision 27).
 */
export class Timeouts {
  private readonly waits = new Set<Wait>();
  private clearTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    /** Milliseconds. */
    readonly ms: number,
  ) {}

  /** Calls back once after `ms` milliseconds, unless the wait is cancelled. */
  set(callback: () => void): Wait {
    const wait = new Wait(this.clock.monotonic() + this.ms, callback);
    this.waits.add(wait);
    this.clearTimer ??= this.clock.after(this.ms, () => this.ring());
    return wait;
  }

  /** Cancels a wait; does nothing if it has ended. */
  cancel(wait: Wait): void {
    if (!this.waits.delete(wait) || this.waits.size > 0) return;
    this.clearTimer?.();
    this.clearTimer = undefined;
  }

  private ring(): void {
    const now = this.clock.monotonic();
    const due = [...this.waits].filter(wait => wait.due <= now);
    let next = Infinity;
    for (const wait of this.waits) if (wait.due > now) next = Math.min(next, wait.due);
    // Set before the callbacks: one of them may throw.
    this.clearTimer = next < Infinity ? this.clock.after(next - now, () => this.ring()) : undefined;
    for (const wait of due) {
      // A callback before it may have cancelled it.
      if (this.waits.delete(wait)) wait.callback();
    }
  }
}
