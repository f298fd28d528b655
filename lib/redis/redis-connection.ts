import { Logger } from '@nestjs/common';
import * as ioredis from 'ioredis';
import { BoundedWait } from '../core/common/bounded-wait.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import { ServerError } from '../core/errors/server.error.js';
import { summarizeError } from '../core/errors/summarize-error.js';
import { JointWrites } from './joint-writes.js';
import type { RedisClient, RedisScript } from './redis-script.js';

const MAX_RECONNECT_DELAY_MS = 1_000;

/** Runs scripts on the caller's client, or on one made from a URL. */
export class RedisConnection {
  private readonly logger = new Logger('RedisIdempotencyStore');
  private readonly client: RedisClient;
  private readonly isOwn: boolean;
  private readonly wait: BoundedWait;
  private readonly writes = new JointWrites();
  private becomingReady: Promise<void> | undefined;
  private isAway = false;
  private closing: Promise<void> | undefined;

  constructor(client: RedisClient | string, timeout: number) {
    this.isOwn = typeof client === 'string';
    this.client = typeof client === 'string' ? this.connect(client, timeout) : checked(client);
    this.wait = new BoundedWait('Redis', timeout);
  }

  /** Runs work that asks the server, within the bounded wait; sends nothing while not connected. */
  run<T>(work: (isLate: () => boolean) => Promise<T>): Promise<T> {
    if (this.closing && this.isOwn)
      return Promise.reject(new ServerError('Redis: the store is closed'));
    return this.wait.run(isLate =>
      this.client.status === 'ready' ? work(isLate) : this.runWhenReady(work, isLate),
    );
  }

  private async runWhenReady<T>(
    work: (isLate: () => boolean) => Promise<T>,
    isLate: () => boolean,
  ): Promise<T> {
    await this.ready();
    if (isLate()) throw new ServerError('too late');
    return work(isLate);
  }

  send(
    script: RedisScript,
    keys: readonly string[],
    ...args: readonly (string | number)[]
  ): Promise<unknown> {
    this.writes.hold(this.client);
    return script.run(this.client, keys, args);
  }

  /** Closes a client made from a URL; the caller's is the caller's to close. */
  close(): Promise<void> {
    this.closing ??= this.isOwn ? this.quit() : Promise.resolve();
    return this.closing;
  }

  private async quit(): Promise<void> {
    if (this.client.status === 'ready') {
      await this.wait.run(() => this.client.quit()).catch(() => undefined);
    }
    this.client.disconnect();
  }

  private connect(url: string, timeout: number): RedisClient {
    const client = new (checkedRedis())(checkedUrl(url), {
      lazyConnect: true,
      connectTimeout: timeout,
      // A connection that has died in silence is replaced.
      socketTimeout: 2 * timeout,
      // How long is waited is decided here, so that nothing is given up that may still succeed in time.
      maxRetriesPerRequest: null,
      retryStrategy: times => Math.min(50 * times, MAX_RECONNECT_DELAY_MS),
      // After a failover the old address may lead to the new primary.
      reconnectOnError: error => error.message.startsWith('READONLY'),
    });
    client.on('error', (error: Error) => {
      if (!this.isAway) this.logger.warn(`Redis can not be reached: ${summarizeError(error)}`);
      this.isAway = true;
    });
    client.on('ready', () => {
      if (this.isAway) this.logger.log('Redis is back');
      this.isAway = false;
    });
    return client;
  }

  /** One promise for all who wait, so that they add one listener. */
  private ready(): Promise<void> {
    const { client } = this;
    if (client.status === 'end') return Promise.reject(new ServerError('the connection is closed'));
    // What goes wrong is told by the client's events.
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

/** The class of ioredis that connects; version 4 does not export it by this name. */
function checkedRedis(): typeof ioredis.Redis {
  if ('Redis' in ioredis) return ioredis.Redis;
  throw new RevragConfigurationError(
    'RedisIdempotencyStore needs ioredis 5 or later to connect to a URL, and an older one is installed. ' +
      'Update it (npm install ioredis@5), or give the store a client.',
  );
}

function checkedUrl(url: string): string {
  // What is no URL would be taken for the path of a socket, and printed as such with its password.
  if (/^rediss?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new RevragConfigurationError(
    'RedisIdempotencyStore: the URL must be one such as redis://user:password@host:6379/0, or rediss:// for TLS.',
  );
}

function checked(client: RedisClient): RedisClient {
  if (typeof (client as Partial<RedisClient> | undefined)?.evalsha === 'function') return client;
  throw new RevragConfigurationError(
    'RedisIdempotencyStore needs a client of ioredis or a URL. Likely cause: an environment variable that is not set.',
  );
}
