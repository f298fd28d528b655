import type { PostgresConnectionOptions } from 'bullmq';

export type PgPool = Extract<PostgresConnectionOptions, { connect: unknown; end: unknown }>;
export type PgPoolClient = Awaited<ReturnType<PgPool['connect']>>;

/** A query of pg with a limit on the wait for its answer, in milliseconds. */
const limited = (text: string, values: readonly unknown[] | undefined, query_timeout: number) =>
  ({ text, values, query_timeout }) as unknown as string;

const ignore = (): void => undefined;

/**
 * A pool whose queries fail if no answer comes, and whose clients may fail at any time. The client of a query
 * that has failed leaves the pool.
 */
export class BoundedPgPool implements PgPool {
  constructor(
    private readonly pool: PgPool,
    /** Milliseconds. */
    private readonly queryTimeout: number,
  ) {
    // A pool handles the errors of idle clients only. An error at another time, or a second one, would end the
    // process, although the query has failed as well.
    pool.on('connect', client => client.on('error', ignore));
  }

  /** Read by BullMQ. */
  get options(): unknown {
    return (this.pool as { options?: unknown }).options;
  }

  query: PgPool['query'] = (text, params) =>
    this.pool.query(limited(text, params, this.queryTimeout));

  async connect(): Promise<PgPoolClient> {
    const client = await this.pool.connect();
    // It may have connected before this object existed.
    client.on('error', ignore);
    try {
      await ping(client, this.queryTimeout);
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  end(): Promise<void> {
    return this.pool.end();
  }

  on(event: 'error' | 'connect', listener: (argument: never) => void): this {
    this.pool.on(event as 'error', listener as (error: Error) => void);
    return this;
  }

  removeAllListeners(): this {
    return this;
  }
}

/** Rejects if no answer comes. */
export const ping = (client: Pick<PgPool, 'query'>, queryTimeout: number): Promise<unknown> =>
  client.query(limited('SELECT 1', undefined, queryTimeout));
