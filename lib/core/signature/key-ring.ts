import type { SigningKeys } from './scheme.js';

/** How long an answer stays cached, in milliseconds. */
const CACHE_MS = 60_000;
/** The least time between two calls of the function, in milliseconds. */
const MIN_INTERVAL_MS = 5_000;

/** The keys of one endpoint from a secret function's latest answer. Times are in milliseconds. */
export class KeyRing {
  /** The call of the function that is in progress. */
  asking: Promise<void> | undefined;
  /** Why the last call failed. */
  failure: Error | undefined;
  keys: SigningKeys | undefined;
  /** Whether the function answered that there is no such endpoint. */
  isUnknown = false;
  private askedAt = -Infinity;
  private answeredAt = -Infinity;
  private dueAt = -Infinity;

  isDue(now: number): boolean {
    return now >= this.dueAt;
  }

  /** Whether the function may be called again before its answer is due. */
  mayAskAgain(now: number): boolean {
    return now - this.askedAt >= MIN_INTERVAL_MS;
  }

  /** @param maxStale How long an outdated answer stays valid. */
  usable(now: number, maxStale: number): SigningKeys | undefined {
    return now - this.answeredAt < CACHE_MS + maxStale ? this.keys : undefined;
  }

  asked(now: number): void {
    this.askedAt = now;
  }

  answered(now: number, keys: SigningKeys): void {
    this.setDue(now + CACHE_MS);
    this.keys = keys;
    this.answeredAt = now;
    this.isUnknown = false;
  }

  answeredNone(now: number, isUnknown: boolean): void {
    this.setDue(now + MIN_INTERVAL_MS);
    this.keys = undefined;
    this.isUnknown = isUnknown;
  }

  /** Keeps the last answer: refusing genuine deliveries while a secret manager is down would lose them. */
  failed(now: number, failure: Error): void {
    this.setDue(now + MIN_INTERVAL_MS);
    this.failure = failure;
  }

  private setDue(dueAt: number): void {
    this.dueAt = dueAt;
    this.failure = undefined;
  }
}
