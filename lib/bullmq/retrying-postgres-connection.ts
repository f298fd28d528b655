import type { PostgresConnectionOptions, PostgresPoolConfig } from 'bullmq';
import { bullmq } from './supported-bullmq.js';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Gets ready again after a failure. BullMQ's own remembers the first attempt whatever came of it, so that
 * a PostgreSQL that is away when the app starts would be away for good.
 */
export class RetryingPostgresConnection extends bullmq.PostgresConnection {
  private readonly config: PostgresPoolConfig | undefined;
  private ready: Promise<void> | undefined;

  constructor(given: PostgresConnectionOptions) {
    const config = typeof given === 'string' ? { connectionString: given } : given;
    const ownConfig = bullmq.isPgPool(config)
      ? undefined
      : { connectionTimeoutMillis: CONNECT_TIMEOUT_MS, ...config };
    super(ownConfig ?? config);
    this.config = ownConfig;
    // A pool minds the errors of its idle clients only. One that dies at another time, or twice, would
    // take the process with it, though its query has failed as well, which tells enough.
    this.pool.on('connect', client => client.on('error', () => undefined));
  }

  override waitUntilReady(): Promise<void> {
    return (this.ready ??= this.prepare().catch((error: unknown) => {
      this.ready = undefined;
      throw error;
    }));
  }

  private async prepare(): Promise<void> {
    const { migrate = true, skipMigrations = false, skipVersionCheck } = this.config ?? {};
    const client = await this.pool.connect();
    try {
      const prepare =
        this.config && migrate && !skipMigrations
          ? bullmq.runMigrations
          : bullmq.assertSchemaCompatibility;
      await prepare(client, this.schema, { skipVersionCheck });
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.release();
    setImmediate(() => this.emit('ready'));
  }
}
