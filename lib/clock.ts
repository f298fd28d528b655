/** Where the library takes the time and its timers from, so that tests can hold both. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls back once after `ms` milliseconds; the answer cancels it. Never keeps the process alive. */
  after(ms: number, callback: () => void): () => void;
}

/** Injection token and type under one name. */
export const Clock = Symbol('RevragWebhookClock');

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
