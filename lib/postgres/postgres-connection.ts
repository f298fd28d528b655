import { Logger } from '@nestjs/common';
import pg from 'pg';
import { BoundedWait } from '../core/common/bounded-wait.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import { ServerError } from '../core/errors/server.error.js';
import { summarizeError } from '../core/errors/summarize-error.js';
import type { PostgresPool } from './postgres-client.js';

/** A statement that no answer comes to within so many times the timeout has lost its connection. */
const LOST_AFTER_TIMEOUTS = 5;

/** Runs statements on the caller's pool, or on one made from a URL. */
export class PostgresConnection {
  private readonly logger = new Logger('PostgresIdempotencyStore');
  readonly #pool: PostgresPool;
  private readonly isOwn: boolean;
  private readonly wait: BoundedWait;
  private closing: Promise<void> | undefined;
  private readonly onError = (error: Error): void => {
    this.logger.warn(`A connection to PostgreSQL was lost: ${summarizeError(error)}`);
  };

  constructor(
    pool: PostgresPool | string,
    private readonly timeout: number,
  ) {
    this.isOwn = typeof pool === 'string';
    this.#pool = typeof pool === 'string' ? ownPool(pool, timeout) : checked(pool);
    this.wait = new BoundedWait('PostgreSQL', timeout);
    // Without a listener, an idle connection that breaks ends the process.
    this.#pool.on('error', this.onError);
  }

  /** Runs work that asks the server, within the bounded wait. */
  run<T>(work: (isLate: () => boolean) => Promise<T>): Promise<T> {
    if (this.closing) return Promise.reject(new ServerError('PostgreSQL: the store is closed'));
    return this.wait.run(work);
  }

  async query<R extends pg.QueryResultRow>(
    text: string,
    values?: unknown[],
  ): Promise<pg.QueryResult<R>> {
    const query_timeout = LOST_AFTER_TIMEOUTS * this.timeout;
    const statement = { text, ...(values && { values }), query_timeout };
    return (await this.#pool.query(statement)) as pg.QueryResult<R>;
  }

  /** Closes a pool made from a URL; the caller's is the caller's to close. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    if (!this.isOwn) {
      this.#pool.off('error', this.onError);
      return;
    }
    await this.wait.run(() => this.#pool.end()).catch(() => undefined);
  }
}

function ownPool(url: string, timeout: number): pg.Pool {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new RevragConfigurationError(
      'PostgresIdempotencyStore: the URL must be one such as postgres://user:password@host:5432/database.',
    );
  }
  return new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: timeout,
    statement_timeout: timeout,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: 'nestjs-revrag-webhook',
  });
}

function checked(pool: PostgresPool): PostgresPool {
  const { query, connect } = (pool ?? {}) as Partial<PostgresPool>;
  if (typeof query === 'function' && typeof connect === 'function') return pool;
  throw new RevragConfigurationError(
    'PostgresIdempotencyStore needs a pool of pg or a URL. Likely cause: an environment variable that is not set.',
  );
}
