import type { Clock } from './clock.js';

/** A token bucket: a burst at first, then a rate. */
export class RateLimit {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    private readonly burst: number,
    private readonly perSecond: number,
  ) {
    this.tokens = burst;
    this.filledAt = clock.monotonic();
  }

  /** @returns false where the limit is reached */
  take(): boolean {
    const now = this.clock.monotonic();
    // Timers of a test may set the clock back.
    const passed = Math.max(0, now - this.filledAt);
    const filled = this.tokens + (passed / 1000) * this.perSecond;
    this.tokens = Math.min(this.burst, filled);
    this.filledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
