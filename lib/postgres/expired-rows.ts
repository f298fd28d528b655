import type { PostgresConnection } from './postgres-connection.js';

const INTERVAL_MS = 60_000;
const BATCH = 500;
/** Bounds one sweep; what is left is for the next. */
const MAX_BATCHES = 200;

/**
 * Removes expired rows now and then, beside the requests: in small batches, so that no lock is held for
 * long, and passing over rows that another instance is removing.
 */
export class ExpiredRows {
  private sweptAt = -Infinity;
  private stopped = false;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly connection: PostgresConnection,
    /** Quoted. */
    private readonly tables: readonly string[],
  ) {}

  /** Starts a sweep if one is due. */
  sweepIfDue(): void {
    const now = performance.now();
    if (now - this.sweptAt < INTERVAL_MS) return;
    this.sweptAt = now;
    // What could not be removed now is removed later; a server that is away is told of elsewhere.
    this.sweeping = this.sweep().catch(() => undefined);
  }

  /** Waits for the sweep that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    for (const table of this.tables) {
      let removed = BATCH;
      for (let batch = 0; removed === BATCH && batch < MAX_BATCHES && !this.stopped; batch += 1) {
        // now(), as an index can't be searched for clock_timestamp().
        const { rowCount } = await this.connection.query(
          `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM ${table} WHERE expires_at <= now()
             ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))`,
        );
        removed = rowCount ?? 0;
      }
    }
  }
}
