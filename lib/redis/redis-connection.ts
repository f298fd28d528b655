import { Logger } from '@nestjs/common';
import * as ioredis from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { BoundedWait } from '../core/common/bounded-wait.js';
import { systemClock, type Clock } from '../core/common/clock.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import { ServerError } from '../core/errors/server.error.js';
import { STORE_CLOSED } from '../core/idempotency/check-store-options.js';
import { summarizeError } from '../core/errors/summarize-error.js';
import { JointWrites } from './joint-writes.js';
import type { RedisClient, RedisScript } from './redis-script.js';
import { Silence } from './silence.js';

const MAX_RECONNECT_DELAY_MS = 1_000;
const KEEP_ALIVE_MS = 10_000;
/** A connection that is silent for this many times the timeout is replaced. */
const LOST_AFTER_TIMEOUTS = 2;

/** Runs scripts on the caller's client, or on one that it makes from a URL. */
export class RedisConnection {
  private readonly logger = new Logger('RedisIdempotencyStore');
  // Private to the engine, so that inspect() does not show the client's password.
  readonly #client: RedisClient;
  readonly #own: ioredis.Redis | undefined;
  readonly #writes = new JointWrites();
  private readonly wait: BoundedWait;
  private readonly silence: Silence;
  private becomingReady: Promise<void> | undefined;
  private isAway = false;
  private isCutting = false;
  private closing: Promise<void> | undefined;

  constructor(client: RedisClient | string, timeout: number, clock: Clock = systemClock) {
    this.#own = typeof client === 'string' ? this.connect(client, timeout) : undefined;
    this.#client = this.#own ?? checked(client as RedisClient);
    this.wait = new BoundedWait('Redis', timeout, clock);
    this.silence = new Silence(clock, LOST_AFTER_TIMEOUTS * timeout, () => this.cut());
  }

  /** Runs work that uses the server, within the bounded wait. Sends nothing while disconnected. */
  run<T>(work: (isLate: () => boolean) => Promise<T>): Promise<T> {
    if (this.closing && this.#own) return Promise.reject(new ServerError(`Redis: ${STORE_CLOSED}`));
    return this.wait.run(isLate =>
      this.silence.during(
        this.#client.status === 'ready' ? work(isLate) : this.runWhenReady(work, isLate),
      ),
    );
  }

  async send(
    script: RedisScript,
    key: string,
    ...args: readonly (string | number)[]
  ): Promise<unknown> {
    this.#writes.hold(this.#client);
    try {
      return await script.run(this.#client, key, args);
    } catch (error) {
      // After a failover the old address may lead to the new primary. Redis 6.2 puts the error of a script into
      // another one.
      if (error instanceof Error && error.message.includes('READONLY')) this.cut();
      throw error;
    }
  }

  /** Closes a client made from a URL. The caller closes its own. */
  close(): Promise<void> {
    this.closing ??= this.#own ? this.quit(this.#own) : Promise.resolve();
    return this.closing;
  }

  private async runWhenReady<T>(
    work: (isLate: () => boolean) => Promise<T>,
    isLate: () => boolean,
  ): Promise<T> {
    await this.ready();
    if (isLate()) throw new ServerError('too late');
    return work(isLate);
  }

  private async quit(client: ioredis.Redis): Promise<void> {
    if (client.status === 'ready') {
      await this.wait.run(() => client.quit()).catch(() => undefined);
    }
    client.disconnect();
  }

  private connect(url: string, timeout: number): ioredis.Redis {
    const client = new (checkedRedis())(checkedUrl(url), {
      lazyConnect: true,
      connectTimeout: timeout,
      keepAlive: KEEP_ALIVE_MS,
      // The bounded wait decides how long to wait, so the client must not give up before it.
      maxRetriesPerRequest: null,
      retryStrategy: times => Math.min(50 * times, MAX_RECONNECT_DELAY_MS),
    });
    client.on('error', (error: Error) => {
      if (!this.isAway) this.logger.warn(`Redis is unavailable: ${summarizeError(error)}`);
      this.isAway = true;
    });
    client.on('ready', () => {
      if (this.isAway) this.logger.log('Redis is available again');
      this.isAway = false;
    });
    return client;
  }

  /** Makes the client reconnect, once for however many failures. */
  private cut(): void {
    const client = this.#client;
    // While the client connects, connectTimeout applies.
    if (this.isCutting || !/^(connect|ready)$/.test(client.status)) return;
    this.isCutting = true;
    const onConnect = (): void => {
      client.off('connect', onConnect);
      this.isCutting = false;
    };
    client.on('connect', onConnect);
    client.disconnect(true);
  }

  /** Resolves when the client is ready. One promise for all callers, so that they add one listener. */
  private ready(): Promise<void> {
    const client = this.#client;
    if (client.status === 'end') return Promise.reject(new ServerError('the connection is closed'));
    // The client's events report errors.
    if (client.status === 'wait') client.connect().catch(() => undefined);
    this.becomingReady ??= new Promise<void>((resolve, reject) => {
      const done = (settle: () => void) => () => {
        client.off('ready', onReady);
        client.off('end', onEnd);
        this.becomingReady = undefined;
        settle();
      };
      const onReady = done(resolve);
      const onEnd = done(() => reject(new ServerError('the connection is closed')));
      client.on('ready', onReady);
      client.on('end', onEnd);
    });
    return this.becomingReady;
  }
}

/** The client class of ioredis; version 4 does not export it under this name. */
function checkedRedis(): typeof ioredis.Redis {
  if ('Redis' in ioredis) return ioredis.Redis;
  throw new RevragConfigurationError(
    'RedisIdempotencyStore needs ioredis 5 or later to connect to a URL, but an older one is installed. ' +
      'Update it (npm install ioredis@5), or give the store a client.',
  );
}

function checkedUrl(url: string): string {
  // ioredis takes other text for the path of a socket, and prints it with its password in errors.
  if (/^rediss?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new RevragConfigurationError(
    'RedisIdempotencyStore: the URL must be one such as redis://user:password@host:6379/0, or rediss:// for TLS.',
  );
}

function checked(client: RedisClient): RedisClient {
  if (typeof (client as Partial<RedisClient> | undefined)?.evalsha !== 'function') {
    throw new RevragConfigurationError(
      'RedisIdempotencyStore needs a client of ioredis or a URL. Likely cause: an environment variable that is not set.',
    );
  }
  const { sentinels, sentinelCommandTimeout } = (client.options ?? {}) as RedisOptions;
  if (sentinels && !(Number(sentinelCommandTimeout) > 0)) {
    throw new RevragConfigurationError(
      'RedisIdempotencyStore: a client with sentinels needs sentinelCommandTimeout, such as 5_000. ' +
        'Without it, a client that asks a Sentinel that has fallen silent never connects again.',
    );
  }
  return client;
}
