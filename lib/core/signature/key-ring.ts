import type { SigningKey } from './scheme.js';

/** How long an answer serves before the function is asked again, in milliseconds. */
const CACHE_MS = 60_000;
/** The least time between two questions, whatever the first one's answer. */
const MIN_INTERVAL_MS = 5_000;

/** The keys of one endpoint, by the latest answer of a secret function. Times are in milliseconds. */
export class KeyRing {
  /** The question that is under way. */
  asking: Promise<void> | undefined;
  /** Why the last question failed. */
  failure: Error | undefined;
  #keys: readonly SigningKey[] | undefined;
  private askedAt = -Infinity;
  private answeredAt = -Infinity;
  private dueAt = -Infinity;
  private unknown = false;

  get keys(): readonly SigningKey[] | undefined {
    return this.#keys;
  }

  /** Whether the function answered that there is no such endpoint. */
  get isUnknown(): boolean {
    return this.unknown;
  }

  isDue(now: number): boolean {
    return now >= this.dueAt;
  }

  /** Whether a new answer may be asked for before it is due. */
  mayAskAgain(now: number): boolean {
    return now - this.askedAt >= MIN_INTERVAL_MS;
  }

  /** @param maxStale How long past its time an answer serves. */
  usable(now: number, maxStale: number): readonly SigningKey[] | undefined {
    return now - this.answeredAt < CACHE_MS + maxStale ? this.#keys : undefined;
  }

  asked(now: number): void {
    this.askedAt = now;
  }

  answered(now: number, keys: readonly SigningKey[]): void {
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

  /** Keeps what was answered before: refusing genuine deliveries while a secret manager is down would lose them. */
  failed(now: number, failure: Error): void {
    this.settle(now, MIN_INTERVAL_MS);
    this.failure = failure;
  }

  private settle(now: number, ms: number): void {
    this.dueAt = now + ms;
    this.failure = undefined;
  }
}
