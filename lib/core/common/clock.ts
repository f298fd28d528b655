/** Where the library takes the time and its timers from, so that tests can hold both. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds since some moment, whatever the time is set to meanwhile. */
  monotonic(): number;
  /**
   * Calls back once after `ms` milliseconds; the answer cancels it.
   *
   * @param keepAlive Whether the process stays alive for it. Default: no.
   */
  after(ms: number, callback: () => void, keepAlive?: boolean): () => void;
}

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
