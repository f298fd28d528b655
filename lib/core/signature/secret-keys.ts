import { Logger } from '@nestjs/common';
import { BoundedMap } from '../common/bounded-map.js';
import type { Clock } from '../common/clock.js';
import { digest } from '../common/digest.js';
import { RateLimit } from '../common/rate-limit.js';
import { RevragUnknownEndpointError } from '../errors/revrag-unknown-endpoint.error.js';
import { secretUnavailable } from '../errors/unavailable.js';
import { KeyRing } from './key-ring.js';
import type { SigningKeys } from './scheme.js';
import { SecretCalls } from './secret-calls.js';
import {
  isNoSecret,
  prepareKeys,
  type SecretFunction,
  type SecretRequest,
  type SecretSource,
} from './secrets.js';

/** How many endpoints with a secret are cached. */
const MAX_KNOWN = 20_000;
/** How many endpoints without a secret, or not known yet, are cached. */
const MAX_UNKNOWN = 2_000;
/** Calls for endpoints that are not known: a burst, then a rate. */
const NEW_CALLS = 1_000;
const NEW_CALLS_PER_SECOND = 100;
const LOG_EVERY_MS = 60_000;

/** An endpoint's keys: prepared once from fixed secrets, or cached from a function's answers. */
export class SecretKeys {
  readonly #fixed: SigningKeys | undefined;
  readonly #function: SecretFunction | undefined;
  readonly #known = new BoundedMap<KeyRing>(MAX_KNOWN);
  readonly #others = new BoundedMap<KeyRing>(MAX_UNKNOWN);
  private readonly logger = new Logger('RevragWebhook');
  /** Separate, so that requests with invented names never delay known endpoints, however slow the function is. */
  private readonly callsForKnown: SecretCalls;
  private readonly callsForOthers: SecretCalls;
  private readonly newCalls: RateLimit;
  private loggedAt = -Infinity;

  /** @param maxStale How long an answer stays valid while the function fails, in milliseconds. */
  constructor(
    source: SecretSource,
    private readonly endpoint: string,
    private readonly clock: Clock,
    private readonly maxStale: number,
  ) {
    if (typeof source === 'function') this.#function = source;
    else this.#fixed = prepareKeys(source, endpoint);
    this.callsForKnown = new SecretCalls(clock);
    this.callsForOthers = new SecretCalls(clock);
    this.newCalls = new RateLimit(clock, NEW_CALLS, NEW_CALLS_PER_SECOND);
  }

  /** Whether the secrets are fixed, so that there is no function to call. */
  get hasFixedSecrets(): boolean {
    return this.#fixed !== undefined;
  }

  /** Whether a fixed secret of one is a fixed secret of the other. */
  overlap(other: SecretKeys): boolean {
    const theirs = other.#fixed ?? [];
    return this.#fixed?.some(key => theirs.some(their => key.equals(their))) ?? false;
  }

  /**
   * The keys. Where the function's answer is out of date, waits for the next one, which may withdraw a secret.
   *
   * @throws RevragUnavailableError `secret_unavailable` if there is no answer, or one without a secret
   * @throws RevragUnknownEndpointError for params or headers that the function knows no secret for
   */
  async keysFor(request: SecretRequest): Promise<SigningKeys> {
    if (this.#fixed) return this.#fixed;
    const key = cacheKey(request);
    const ring = this.ringOf(key);
    if (ring.isDue(this.clock.monotonic()) || ring.asking) return this.askFor(key, ring, request);
    return this.keysOf(ring, request);
  }

  /** Newer keys than those that did not match, if there are any. Calls the function again if it may. */
  async newerFor(request: SecretRequest, tried: SigningKeys): Promise<SigningKeys | undefined> {
    if (this.#fixed) return undefined;
    const key = cacheKey(request);
    const ring = this.ringOf(key);
    const mayAsk = ring.asking !== undefined || ring.mayAskAgain(this.clock.monotonic());
    const keys = ring.keys === tried && mayAsk ? await this.askFor(key, ring, request) : ring.keys;
    return keys === tried ? undefined : keys;
  }

  private ringOf(key: string): KeyRing {
    let ring = this.#known.get(key) ?? this.#others.get(key);
    if (!ring) this.#others.set(key, (ring = new KeyRing()));
    return ring;
  }

  private async askFor(key: string, ring: KeyRing, request: SecretRequest): Promise<SigningKeys> {
    if (!ring.asking && this.mayAsk(key, request)) {
      ring.asking = this.askOnce(key, ring, request).finally(() => (ring.asking = undefined));
    }
    await ring.asking;
    return this.keysOf(ring, request);
  }

  /** A sender who invents names must not cause calls of the secret store without limit. */
  private mayAsk(key: string, request: SecretRequest): boolean {
    return this.isKnown(key, request) || (!this.callsForOthers.isFull && this.newCalls.take());
  }

  /** Whether it was given a secret, or there is no name to invent. */
  private isKnown(key: string, request: SecretRequest): boolean {
    return !dependsOnSender(request) || this.#known.get(key) !== undefined;
  }

  private async askOnce(key: string, ring: KeyRing, request: SecretRequest): Promise<void> {
    ring.asked(this.clock.monotonic());
    try {
      const calls = this.isKnown(key, request) ? this.callsForKnown : this.callsForOthers;
      const answer = await calls.call(this.#function as SecretFunction, request);
      const now = this.clock.monotonic();
      if (isNoSecret(answer)) {
        ring.answeredNone(
          now,
          dependsOnSender(request) && (answer === undefined || answer === null),
        );
        if (ring.isUnknown) this.move(key, ring, this.#known, this.#others);
        else this.report('The secret function returned none', ring);
      } else {
        ring.answered(now, prepareKeys(answer, this.endpoint));
        this.move(key, ring, this.#others, this.#known);
      }
    } catch (error) {
      // BoundedWait and prepareKeys throw the library's own errors, which quote nothing.
      ring.failed(this.clock.monotonic(), error as Error);
      this.report((error as Error).message, ring);
    }
  }

  private move(
    key: string,
    ring: KeyRing,
    from: BoundedMap<KeyRing>,
    to: BoundedMap<KeyRing>,
  ): void {
    from.delete(key);
    to.set(key, ring);
  }

  private keysOf(ring: KeyRing, request: SecretRequest): SigningKeys {
    const keys = ring.usable(this.clock.monotonic(), this.maxStale);
    if (keys) return keys;
    if (ring.isUnknown && dependsOnSender(request)) throw new RevragUnknownEndpointError();
    throw secretUnavailable(ring.failure);
  }

  private report(reason: string, ring: KeyRing): void {
    const now = this.clock.monotonic();
    if (now - this.loggedAt < LOG_EVERY_MS) return;
    this.loggedAt = now;
    const consequence = ring.usable(now, this.maxStale)
      ? 'its last answer stays valid'
      : 'deliveries get 503';
    this.logger.error(
      `Endpoint "${this.endpoint}" cannot get its secret; ${consequence}. ${reason}`,
    );
  }
}

/** Whether the secret depends on what the sender chose. */
const dependsOnSender = ({ params, headers }: SecretRequest): boolean =>
  Object.keys(params).length > 0 || Object.keys(headers).length > 0;

/** Has a fixed length, whatever the sender chose. */
function cacheKey({ params, headers }: SecretRequest): string {
  const parts = [params, headers].map(record => Object.entries(record).sort());
  return digest(JSON.stringify(parts));
}
