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
  #keys: SigningKeys | undefined;
  private askedAt = -Infinity;
  private answeredAt = -Infinity;
  private dueAt = -Infinity;
  private unknown = false;

  get keys(): SigningKeys | undefined {
    return this.#keys;
  }

  /** Whether the function answered that there is no such endpoint. */
  get isUnknown(): boolean {
    return this.unknown;
  }

  isDue(now: number): boolean {
    return now >= this.dueAt;
  }

  /** Whether the function may be called again before its answer is due. */
  mayAskAgain(now: number): boolean {
    return now - this.askedAt >= MIN_INTERVAL_MS;
  }

  /** @param maxStale How long an outdated answer stays valid. */
  usable(now: number, maxStale: number): SigningKeys | undefined {
    return now - this.answeredAt < CACHE_MS + maxStale ? this.#keys : undefined;
  }

  asked(now: number): void {
    this.askedAt = now;
  }

  answered(now: number, keys: SigningKeys): void {
    this.settle(now, CACHE_MS);
    this.#keys = keys;
    this.answeredAt = now;
    this.unknown = false;
  }

  answeredNone(now: number, unknown: boolean): void {
    this.settle(now, MIN_INTERVAL_MS);
    this.#keys = undefined;
    this.unknown = unknown;
  }

  /** Keeps the last answer: refusing genuine deliveries while a secret manager is down would lose them. */
  failed(now: number, failure: Error): void {
    this.settle(now, MIN_INTERVAL_MS);
    this.failure = failure;
  }

  private settle(now: number, ms: number): void {
    this.dueAt = now + ms;
    this.failure = undefined;
  }
}
