import type { Clock } from '../common/clock.js';

const WINDOW_MS = 60_000;
/** How many refusals of one kind are logged in full in a minute; the rest is counted. */
const IN_FULL = 10;

/** What refusals are counted by. The library or the app chooses both, so there are few kinds. */
export interface RefusalKind {
  readonly endpoint: string;
  readonly code: string;
}

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
   * @param report Called at the end of the minute with the number of refusals that were not admitted.
   * @returns whether to log this refusal in full
   */
  admit({ endpoint, code }: RefusalKind, report: (count: number) => void): boolean {
    const key = `${endpoint} ${code}`;
    const now = this.clock.monotonic();
    let window = this.windows.get(key);
    if (!window || now - window.startedAt >= WINDOW_MS) {
      // The timer of the old window may be late.
      if (window) this.close(key, window);
      window = { startedAt: now, seen: 0, report };
      this.windows.set(key, window);
    }
    window.seen += 1;
    if (window.seen <= IN_FULL) return true;
    if (window.seen === IN_FULL + 1) {
      const counted = window;
      const left = window.startedAt + WINDOW_MS - now;
      window.cancel = this.clock.after(left, () => this.close(key, counted));
    }
    return false;
  }

  /** Reports the counts so far. */
  flush(): void {
    for (const [key, window] of this.windows) this.close(key, window);
  }

  private close(key: string, window: Window): void {
    const count = window.seen - IN_FULL;
    this.windows.delete(key);
    window.cancel?.();
    if (count > 0) window.report(count);
  }
}
