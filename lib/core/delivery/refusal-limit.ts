import type { Clock } from '../common/clock.js';

const WINDOW_MS = 60_000;
/** How many refusals of one kind are logged in full in a minute; the rest is counted. */
const IN_FULL = 10;

interface Window {
  readonly startedAt: number;
  seen: number;
  readonly report: (count: number) => void;
  /** Cancels the timer that closes the window. */
  cancel?: () => void;
}

/** Prevents refusals, which anybody can cause at any rate, from flooding the log. */
export class RefusalLimit {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly clock: Clock) {}

  /**
   * @param kind What refusals are counted by. No sender chooses it, so there are few kinds.
   * @param report Called at the end of the minute with the number of refusals that were not admitted.
   * @returns whether to log this refusal in full
   */
  admit(kind: string, report: (count: number) => void): boolean {
    const now = this.clock.monotonic();
    let window = this.windows.get(kind);
    if (!window || now - window.startedAt >= WINDOW_MS) {
      // The timer of the old window may be late.
      if (window) this.close(kind, window);
      window = { startedAt: now, seen: 0, report };
      this.windows.set(kind, window);
    }
    window.seen += 1;
    if (window.seen <= IN_FULL) return true;
    if (window.seen === IN_FULL + 1) {
      const counted = window;
      const left = window.startedAt + WINDOW_MS - now;
      window.cancel = this.clock.after(left, () => this.close(kind, counted));
    }
    return false;
  }

  /** Reports the counts so far. */
  flush(): void {
    for (const [kind, window] of this.windows) this.close(kind, window);
  }

  private close(kind: string, window: Window): void {
    const count = window.seen - IN_FULL;
    if (this.windows.get(kind) !== window) return;
    this.windows.delete(kind);
    window.cancel?.();
    if (count > 0) window.report(count);
  }
}
