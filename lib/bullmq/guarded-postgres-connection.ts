import type { PostgresConnection, PostgresConnectionOptions, PostgresPoolConfig } from 'bullmq';
import { definedOf } from './defined-of.js';
import type { Clock } from '../core/common/clock.js';
import { BoundedPgPool, ping, type PgPool, type PgPoolClient } from './bounded-pg-pool.js';
import { requireReadCommitted, requireSession, toPoolerError } from './postgres-session.js';
import { SilenceGuard } from './silence-guard.js';
import { bullmq } from './supported-bullmq.js';

const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 10_000;
/** Of a statement of a migration, which may have an index to build. */
const MIGRATION_TIMEOUT_MS = 10 * 60_000;
/** pg's. */
const DEFAULT_POOL_SIZE = 10;
const ISOLATION = String.raw`-c default_transaction_isolation=read\ committed`;

type ListenClient = Awaited<ReturnType<PostgresConnection['getListenClient']>>;

interface ConnectionNeeds {
  readonly clock: Clock;
  /** Name of the session that listens for jobs; undefined for none. */
  readonly listenName: string | undefined;
}

/**
 * BullMQ's connection, which recovers from each failure: it prepares itself again, notices a server that has
 * fallen silent, and survives sessions that end at any time.
 */
export class GuardedPostgresConnection extends bullmq.PostgresConnection {
  /** Owns the pool, unless the caller does. */
  private readonly own: PostgresConnection | undefined;
  private readonly config: PostgresPoolConfig | undefined;
  private readonly queryTimeout: number;
  private readonly guard: SilenceGuard;
  private ready: Promise<void> | undefined;
  private listening: ListenClient | undefined;

  constructor(
    given: PostgresConnectionOptions,
    private readonly needs: ConnectionNeeds,
  ) {
    const config = ownConfig(given, needs);
    // BullMQ would create the session that listens outside its pool, where its errors go unhandled at first.
    const own = config && new bullmq.PostgresConnection(config);
    const pool = own?.pool ?? (given as PgPool);
    const timeout = timeoutOf(pool as { options?: PostgresPoolConfig });
    super(new BoundedPgPool(pool, timeout));
    this.own = own;
    this.config = config;
    if (own) (this as { schema: string }).schema = own.schema;
    this.queryTimeout = timeout;
    this.guard = new SilenceGuard(needs.clock, timeout);
  }

  override waitUntilReady(): Promise<void> {
    return (this.ready ??= this.prepare().catch((error: unknown) => {
      this.ready = undefined;
      throw toPoolerError(error);
    }));
  }

  override async getListenClient(): Promise<ListenClient> {
    const client = await super.getListenClient();
    if (client !== this.listening) {
      this.listening = client;
      this.guard.watch(
        () => ping(client, this.queryTimeout),
        error => destroy(client, error),
      );
    }
    return client;
  }

  override async close(): Promise<void> {
    this.guard.stop();
    const closed = super.close();
    // BullMQ has removed all listeners, and PostgreSQL may end the session before it is closed.
    this.listening?.on('error', () => undefined);
    await closed;
    await this.own?.close();
  }

  private async prepare(): Promise<void> {
    const client = await this.pool.connect();
    try {
      await requireReadCommitted(client);
      await this.prepareSchema(client);
      if (this.needs.listenName !== undefined) await this.prepareListening(client);
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.release();
    setImmediate(() => this.emit('ready'));
  }

  private async prepareListening(client: PgPoolClient): Promise<void> {
    await requireSession(await this.getListenClient(), client);
    await this.setListenClientName(this.needs.listenName as string);
  }

  private async prepareSchema(client: PgPoolClient): Promise<void> {
    const { migrate = true, skipMigrations = false, skipVersionCheck } = this.config ?? {};
    if (!this.config || !migrate || skipMigrations) {
      await bullmq.assertSchemaCompatibility(client, this.schema, { skipVersionCheck });
      return;
    }
    const patient: Pick<PgPoolClient, 'query'> = {
      query: (text, values) =>
        client.query({ text, values, query_timeout: MIGRATION_TIMEOUT_MS } as unknown as string),
    };
    await bullmq.runMigrations(patient, this.schema, { skipVersionCheck });
  }
}

/** The configuration of the library's own pool; undefined if a pool is given. */
function ownConfig(
  given: PostgresConnectionOptions,
  { listenName }: ConnectionNeeds,
): PostgresPoolConfig | undefined {
  const config = typeof given === 'string' ? { connectionString: given } : given;
  if (bullmq.isPgPool(config)) return undefined;
  const { options, max = DEFAULT_POOL_SIZE } = config as { options?: string; max?: number };
  return {
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    ...definedOf(config),
    // The session that listens keeps one.
    max: listenName === undefined ? max : max + 1,
    options: options ? `${ISOLATION} ${options}` : ISOLATION,
  };
}

const timeoutOf = ({ options }: { options?: PostgresPoolConfig }): number =>
  typeof options?.query_timeout === 'number' ? options.query_timeout : QUERY_TIMEOUT_MS;

/** BullMQ connects again when its client fails, and closes that in order only, which a silent peer prevents. */
function destroy(client: ListenClient, error: Error): void {
  const stream = client.connection?.stream as { destroy?: (error: Error) => void } | undefined;
  stream?.destroy?.(error);
}
