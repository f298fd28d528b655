import type { Clock } from '../common/clock.js';

const WINDOW_MS = 60_000;
/** So many refusals of one kind are logged in full before the rest of the minute is counted. */
const IN_FULL = 10;

/** What a refusal is counted by. Both are the library's or the app's own words, so there are few. */
export interface RefusalKind {
  readonly endpoint: string;
  readonly code: string;
}

interface Window {
  readonly startedAt: number;
  seen: number;
  readonly report: (count: number) => void;
  /** Called off when the window is closed before its time. */
  cancel?: () => void;
}

/** Keeps refusals, which anybody can cause at any rate, from flooding the log. */
export class RefusalLimit {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly clock: Clock) {}

  /**
   * @param report Called at the end of the minute with the number of those that were not admitted.
   * @returns whether this one is to be logged in full
   */
  admit({ endpoint, code }: RefusalKind, report: (count: number) => void): boolean {
    const key = `${endpoint} ${code}`;
    const now = this.clock.monotonic();
    let window = this.windows.get(key);
    if (!window || now - window.startedAt >= WINDOW_MS) {
      // Its timer may be late.
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

  /** Reports what was counted so far. */
  flush(): void {
    for (const [key, window] of this.windows) this.close(key, window);
  }

  private close(key: string, window: Window): void {
    const count = window.seen - IN_FULL;
    if (this.windows.get(key) !== window) return;
    this.windows.delete(key);
    window.cancel?.();
    if (count > 0) window.report(count);
  }
}
