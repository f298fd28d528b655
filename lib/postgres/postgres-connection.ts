import { Logger } from '@nestjs/common';
import pg from 'pg';
import { BoundedWait } from '../core/common/bounded-wait.js';
import { digest } from '../core/common/digest.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import { ServerError } from '../core/errors/server.error.js';
import { STORE_CLOSED } from '../core/idempotency/check-store-options.js';
import { summarizeError } from '../core/errors/summarize-error.js';
import type { PostgresPool, PostgresQuery, PostgresResult } from './postgres-pool.js';

/** A statement without an answer within this many times the timeout has lost its connection. */
const LOST_AFTER_TIMEOUTS = 5;
const KEEP_ALIVE_MS = 10_000;
const LOST = 'Query read timeout';
/** A prepared statement is missing, or exists already: a pooler has passed the statement to another session. */
const NOT_PREPARED: ReadonlySet<string> = new Set(['26000', '42P05']);
const WRONG_ISOLATION = '40001';

const ignore = (): void => undefined;

/** Runs statements on the caller's pool, or on one that it makes from a URL. */
export class PostgresConnection {
  private readonly logger = new Logger('PostgresIdempotencyStore');
  // Private to the engine, so that inspect() does not show the pool's password.
  readonly #pool: PostgresPool;
  readonly #own: pg.Pool | undefined;
  private readonly wait: BoundedWait;
  private readonly names = new Map<string, string>();
  private canPrepare = true;
  private needsTransaction = false;
  private closing: Promise<void> | undefined;
  private readonly onError = (error: Error): void => {
    this.logger.warn(`A connection to PostgreSQL was lost: ${summarizeError(error)}`);
  };

  constructor(
    pool: PostgresPool | string,
    readonly timeout: number,
  ) {
    this.#own = typeof pool === 'string' ? ownPool(pool, timeout) : undefined;
    this.#pool = this.#own ?? checked(pool as PostgresPool);
    this.wait = new BoundedWait('PostgreSQL', timeout);
    // Without a listener, a broken idle connection ends the process.
    this.#pool.on('error', this.onError);
  }

  /** Runs work that uses the server, within the bounded wait. */
  run<T>(work: (isLate: () => boolean) => Promise<T>): Promise<T> {
    if (this.closing) return Promise.reject(new ServerError(`PostgreSQL: ${STORE_CLOSED}`));
    return this.wait.run(work);
  }

  /** Runs one statement, as a transaction with the server's default isolation level. */
  query(text: string, values?: unknown[]): Promise<PostgresResult> {
    return this.send({ text, values });
  }

  /**
   * Runs one statement that needs the isolation level read committed and fails with a serialisation error under
   * others. A statement with values is prepared once for each connection, unless a pooler prevents it.
   */
  async execute(text: string, values: unknown[] = []): Promise<PostgresResult> {
    const inTransaction = this.needsTransaction;
    const name = this.canPrepare && values.length > 0 ? this.nameOf(text) : undefined;
    const query = { text, values, ...(name !== undefined && { name }) };
    try {
      return inTransaction ? await this.sendInTransaction(query) : await this.send(query);
    } catch (error) {
      const { code } = error as { code?: string };
      if (name !== undefined && NOT_PREPARED.has(code ?? '')) this.canPrepare = false;
      else if (!inTransaction && code === WRONG_ISOLATION) this.needsTransaction = true;
      else throw error;
    }
    return this.execute(text, values);
  }

  /** Closes a pool made from a URL. The caller closes its own. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async send(
    query: PostgresQuery,
    client: Pick<PostgresPool, 'query'> = this.#pool,
  ): Promise<PostgresResult> {
    const query_timeout = LOST_AFTER_TIMEOUTS * this.timeout;
    try {
      return await client.query({ ...query, query_timeout } as PostgresQuery);
    } catch (error) {
      if (!(error instanceof Error && error.message === LOST)) throw error;
      this.checkIdle();
      throw new ServerError(`no answer to a statement within ${query_timeout} ms`);
    }
  }

  private async sendInTransaction(query: PostgresQuery): Promise<PostgresResult> {
    const client = await this.#pool.connect();
    // The pool listens to idle clients only. A statement fails with the same error, and without a listener the
    // process would end.
    client.on('error', ignore);
    try {
      await this.send({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED' }, client);
      const result = await this.send(query, client);
      await this.send({ text: 'COMMIT' }, client);
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw error;
    } finally {
      client.off('error', ignore);
    }
  }

  /** Probes the idle connections: if one has died without a reset, others have, and each would cost a request. */
  private checkIdle(): void {
    for (let idle = this.#pool.idleCount ?? 0; idle > 0; idle -= 1) {
      const query = { text: 'SELECT 1', query_timeout: this.timeout };
      this.#pool.query(query).catch(() => undefined);
    }
  }

  /** The same text has the same name in every session. */
  private nameOf(text: string): string {
    let name = this.names.get(text);
    if (name === undefined) this.names.set(text, (name = `revrag_${digest(text)}`));
    return name;
  }

  private async end(): Promise<void> {
    const own = this.#own;
    if (own) await this.wait.run(() => own.end()).catch(() => undefined);
    else this.#pool.off('error', this.onError);
  }
}

function ownPool(url: string, timeout: number): pg.Pool {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new RevragConfigurationError(
      'PostgresIdempotencyStore: the URL must be one such as postgres://user:password@host:5432/database.',
    );
  }
  // No startup parameter that a pooler rejects, such as statement_timeout.
  return new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: timeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    allowExitOnIdle: true,
    application_name: 'nestjs-revrag-webhook',
  });
}

function checked(pool: PostgresPool): PostgresPool {
  const { query, connect, options } = (pool ?? {}) as Partial<PostgresPool>;
  if (typeof query !== 'function' || typeof connect !== 'function') {
    throw new RevragConfigurationError(
      'PostgresIdempotencyStore needs a pool of pg or a URL. Likely cause: an environment variable that is not set.',
    );
  }
  if (options && !(Number(options.connectionTimeoutMillis) > 0)) {
    throw new RevragConfigurationError(
      'PostgresIdempotencyStore: the pool needs connectionTimeoutMillis, such as 5_000. ' +
        'Without it, a connection that gets no answer keeps its place in the pool forever.',
    );
  }
  return pool;
}
