import { Logger } from '@nestjs/common';
import type { Clock } from '../common/clock.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import { RevragUnavailableError } from '../errors/revrag-unavailable.error.js';
import { HmacKey } from './hmac-key.js';

/** One secret, or several while one is being replaced by another. */
export type Secrets = string | readonly string[];

/** Secrets, or a function that is asked for them at run time. */
export type SecretSource = Secrets | (() => Secrets | Promise<Secrets>);

/** How long an answer of a secret function serves, in milliseconds. */
const CACHE_MS = 60_000;
/** After a mismatch a new answer is asked for early, but no more often than this. */
const MIN_REFRESH_MS = 5_000;
/** How long the function may take to answer. */
const ANSWER_MS = 5_000;
const RETRY_AFTER_SECONDS = 10;

/** An endpoint's keys: prepared once from fixed secrets, or from what a function answers, cached briefly. */
export class SecretKeys {
  private readonly logger = new Logger(SecretKeys.name);
  private keys: readonly HmacKey[] | undefined;
  private askedAt = -Infinity;
  private asking: Promise<readonly HmacKey[]> | undefined;

  constructor(
    private readonly source: SecretSource,
    private readonly endpoint: string,
    private readonly clock: Clock,
  ) {
    if (typeof source !== 'function') this.keys = prepareKeys(source, endpoint);
  }

  /**
   * The keys by the function's latest answer. It is waited for, as it may have taken a secret back,
   * but not for long.
   *
   * @throws RevragUnavailableError `secret_unavailable` while the function has never answered
   */
  current(): readonly HmacKey[] | Promise<readonly HmacKey[]> {
    const fresh = typeof this.source !== 'function' || this.clock.now() - this.askedAt < CACHE_MS;
    return this.keys && fresh ? this.keys : this.ask();
  }

  /** Newer keys than those that did not match, if there are or if the function may be asked again by now. */
  async newer(tried: readonly HmacKey[]): Promise<readonly HmacKey[] | undefined> {
    if (typeof this.source !== 'function') return undefined;
    const mayAsk = this.asking ?? this.clock.now() - this.askedAt >= MIN_REFRESH_MS;
    if (this.keys === tried && mayAsk) await this.ask();
    return this.keys === tried ? undefined : this.keys;
  }

  private ask(): Promise<readonly HmacKey[]> {
    this.asking ??= this.askOnce().finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async askOnce(): Promise<readonly HmacKey[]> {
    this.askedAt = this.clock.now();
    try {
      return (this.keys = prepareKeys(await this.answer(), this.endpoint));
    } catch (cause) {
      // Refusing genuine events because a secret manager is away would lose them: the last answer goes on.
      const consequence = this.keys ? 'the last answer stays in use' : 'deliveries get 503';
      this.logger.error(
        `The secret function of endpoint "${this.endpoint}" failed; ${consequence}`,
        cause instanceof Error ? cause.stack : undefined,
      );
      if (this.keys) return this.keys;
      this.askedAt = -Infinity;
      throw new RevragUnavailableError(
        'secret_unavailable',
        'The secret could not be had. Send the delivery again.',
        RETRY_AFTER_SECONDS,
        { cause },
      );
    }
  }

  private async answer(): Promise<Secrets> {
    let cancel: (() => void) | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.after(ANSWER_MS, () =>
        reject(new Error(`It did not answer within ${ANSWER_MS / 1000} s`)),
      );
    });
    try {
      const source = this.source as () => Secrets | Promise<Secrets>;
      return await Promise.race([source(), late]);
    } finally {
      cancel?.();
    }
  }
}

function prepareKeys(secrets: unknown, endpoint: string): readonly HmacKey[] {
  return checkSecrets(secrets, endpoint).map(secret => new HmacKey(secret));
}

/** @throws RevragConfigurationError that names the mistake and its likely cause, never the secret */
export function checkSecrets(secrets: unknown, endpoint: string): readonly string[] {
  const fail = (problem: string, cure: string) =>
    new RevragConfigurationError(`RevRag webhook endpoint "${endpoint}": ${problem}. ${cure}`);
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  if (list.length === 0) throw fail('the list of secrets is empty', 'Give at least one secret.');
  for (const secret of list) {
    if (secret === undefined || secret === null) {
      throw fail(
        'the secret is missing',
        'Is the environment variable set? forRoot() runs when its file is loaded, which may be before a ' +
          '.env file is read; forRootAsync() with ConfigService waits for it.',
      );
    }
    if (typeof secret !== 'string') {
      throw fail(`a secret is of type ${typeof secret}`, 'A secret is a string.');
    }
    if (secret.trim() === '') {
      throw fail(
        'the secret is empty',
        'Is the environment variable set to the value you agreed on?',
      );
    }
    if (secret !== secret.trim()) {
      throw fail(
        'the secret has white space around it',
        'A line break often comes along from a file or a copied value; take it off.',
      );
    }
  }
  return list as readonly string[];
}
