import { Logger } from '@nestjs/common';
import { BoundedMap } from '../common/bounded-map.js';
import { BoundedWait } from '../common/bounded-wait.js';
import type { Clock } from '../common/clock.js';
import { digest } from '../common/digest.js';
import { RateLimit } from '../common/rate-limit.js';
import { Turns } from '../common/turns.js';
import { RevragUnavailableError } from '../errors/revrag-unavailable.error.js';
import { RevragUnknownEndpointError } from '../errors/revrag-unknown-endpoint.error.js';
import { KeyRing } from './key-ring.js';
import type { SigningKey } from './scheme.js';
import {
  isNoSecret,
  prepareKeys,
  type SecretFunction,
  type SecretRequest,
  type SecretSource,
} from './secrets.js';

/** How long the function may take to answer, in milliseconds. */
const ANSWER_MS = 5_000;
const MAX_ASKING = 32;
/** Endpoints whose secrets are kept. */
const MAX_KNOWN = 20_000;
/** Endpoints that are known to have none, or not known yet. */
const MAX_UNKNOWN = 2_000;
/** Questions for endpoints that are not known: so many at once, then so many a second. */
const NEW_QUESTIONS = 1_000;
const NEW_QUESTIONS_PER_SECOND = 100;
const LOG_EVERY_MS = 60_000;
const RETRY_AFTER_SECONDS = 10;

type Keys = readonly SigningKey[];

/** An endpoint's keys: prepared once from fixed secrets, or from a function's answers, which are cached. */
export class SecretKeys {
  readonly #fixed: Keys | undefined;
  readonly #ask: SecretFunction | undefined;
  readonly #known = new BoundedMap<string, KeyRing>(MAX_KNOWN);
  readonly #others = new BoundedMap<string, KeyRing>(MAX_UNKNOWN);
  private readonly logger = new Logger(SecretKeys.name);
  private readonly wait: BoundedWait;
  private readonly turns = new Turns(MAX_ASKING);
  private readonly newQuestions: RateLimit;
  private loggedAt = -Infinity;

  /** @param maxStale How long an answer serves while the function fails, in milliseconds. */
  constructor(
    source: SecretSource,
    private readonly endpoint: string,
    private readonly clock: Clock,
    private readonly maxStale: number,
  ) {
    if (typeof source === 'function') this.#ask = source;
    else this.#fixed = prepareKeys(source, endpoint);
    this.wait = new BoundedWait('The secret function', ANSWER_MS, clock);
    this.newQuestions = new RateLimit(clock, NEW_QUESTIONS, NEW_QUESTIONS_PER_SECOND);
  }

  /** Whether there is no function to ask. */
  get areFixed(): boolean {
    return this.#fixed !== undefined;
  }

  /** Whether a fixed secret of one is a fixed secret of the other. */
  overlap(other: SecretKeys): boolean {
    const theirs = other.#fixed ?? [];
    return this.#fixed?.some(key => theirs.some(their => key.equals(their))) ?? false;
  }

  /**
   * The keys by the function's latest answer. A new answer is waited for, since it may take a secret back.
   *
   * @throws RevragUnavailableError `secret_unavailable` where there is no answer, or one without a secret
   * @throws RevragUnknownEndpointError for params or headers that the function knows no secret for
   */
  keysFor(request: SecretRequest): Keys | Promise<Keys> {
    if (this.#fixed) return this.#fixed;
    const key = cacheKey(request);
    const ring = this.ringOf(key);
    if (ring.isDue(this.clock.monotonic()) || ring.asking) return this.askFor(key, ring, request);
    return this.usable(ring, request);
  }

  /** Newer keys than those that did not match, if there are or if the function may be asked again by now. */
  async newerFor(request: SecretRequest, tried: Keys): Promise<Keys | undefined> {
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

  private async askFor(key: string, ring: KeyRing, request: SecretRequest): Promise<Keys> {
    if (!ring.asking && this.mayAsk(key, request)) {
      ring.asking = this.askOnce(key, ring, request).finally(() => (ring.asking = undefined));
    }
    await ring.asking;
    return this.usable(ring, request);
  }

  /** Nobody may have a secret store asked without limit by inventing names. */
  private mayAsk(key: string, request: SecretRequest): boolean {
    return !isKeyed(request) || this.#known.get(key) !== undefined || this.newQuestions.take();
  }

  private async askOnce(key: string, ring: KeyRing, request: SecretRequest): Promise<void> {
    ring.asked(this.clock.monotonic());
    try {
      const ask = this.#ask as SecretFunction;
      const answer = await this.turns.run(() => this.wait.run(async () => ask(request)));
      const now = this.clock.monotonic();
      if (isNoSecret(answer)) {
        ring.answeredNone(now, isKeyed(request) && (answer === undefined || answer === null));
        if (ring.isUnknown) this.move(key, ring, this.#known, this.#others);
        else this.report('The secret function answered that there is none', ring);
      } else {
        ring.answered(now, prepareKeys(answer, this.endpoint));
        this.move(key, ring, this.#others, this.#known);
      }
    } catch (error) {
      // Either is the library's own error, which quotes nothing.
      ring.failed(this.clock.monotonic(), error as Error);
      this.report((error as Error).message, ring);
    }
  }

  private move(
    key: string,
    ring: KeyRing,
    from: BoundedMap<string, KeyRing>,
    to: BoundedMap<string, KeyRing>,
  ): void {
    from.delete(key);
    to.set(key, ring);
  }

  private usable(ring: KeyRing, request: SecretRequest): Keys {
    const keys = ring.usable(this.clock.monotonic(), this.maxStale);
    if (keys) return keys;
    if (ring.isUnknown && isKeyed(request)) throw new RevragUnknownEndpointError();
    throw new RevragUnavailableError(
      'secret_unavailable',
      'The signing secret is temporarily unavailable. Send the delivery again.',
      RETRY_AFTER_SECONDS,
      { cause: ring.failure },
    );
  }

  private report(reason: string, ring: KeyRing): void {
    const now = this.clock.monotonic();
    if (now - this.loggedAt < LOG_EVERY_MS) return;
    this.loggedAt = now;
    const consequence = ring.usable(now, this.maxStale)
      ? 'its last answer stays in use'
      : 'deliveries get 503';
    this.logger.error(
      `Endpoint "${this.endpoint}" can not get its secret; ${consequence}. ${reason}`,
    );
  }
}

/** Whether the secret depends on what the sender chose. */
const isKeyed = ({ params, headers }: SecretRequest): boolean =>
  Object.keys(params).length > 0 || Object.keys(headers).length > 0;

/** Of a fixed length, whatever the sender chose. */
function cacheKey({ params, headers }: SecretRequest): string {
  const parts = [params, headers].map(record => Object.entries(record).sort());
  return digest(JSON.stringify(parts));
}
