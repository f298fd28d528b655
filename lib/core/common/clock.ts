/** The source of time and timers, which tests replace. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since an arbitrary moment; never set back. */
  monotonic(): number;
  /**
   * Calls back once after `ms` milliseconds.
   *
   * @param keepAlive Whether the timer keeps the process alive. Default: no.
   * @returns a function that cancels the timer
   */
  after(ms: number, callback: () => void, keepAlive?: boolean): () => void;
}

/** The longest time of Node's timers, in milliseconds. A timer that is set to a longer one fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Injection token and type under one name. */
export const Clock = Symbol('RevragWebhookClock');

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback, keepAlive = false) {
    const timer = setTimeout(callback, ms);
    if (!keepAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};
