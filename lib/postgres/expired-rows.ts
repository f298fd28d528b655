import type { PostgresConnection } from './postgres-connection.js';

const INTERVAL_MS = 60_000;
const BATCH = 500;
/** Bounds one sweep; the next one continues. */
const MAX_BATCHES = 200;
/** Every so many sweeps, about once an hour, one begins at the first row. */
const SWEEPS_FROM_LAST = 60;

/**
 * Removes expired rows about once a minute, in small batches, so that no lock is held for long. Skips rows that
 * another instance is removing.
 *
 * Each batch starts where the last one ended. Removed rows stay in the index until no transaction needs them; a
 * search from the start would read all of them in each batch. A row that was locked then, or that is earlier by the
 * clock of another server after a failover, has to wait for a sweep from the start.
 */
export class ExpiredRows {
  private sweptAt = -Infinity;
  private stopped = false;
  private sweeps = 0;
  private sweeping: Promise<void> = Promise.resolve();
  /** Expiry of the last removed row, by table; as text, to the microsecond. */
  private readonly positions = new Map<string, string>();

  constructor(
    private readonly connection: PostgresConnection,
    /** Quoted. */
    private readonly tables: readonly string[],
    private readonly maxBatches = MAX_BATCHES,
  ) {}

  /** Starts a sweep if one is due. */
  sweepIfDue(): void {
    const now = performance.now();
    if (now - this.sweptAt < INTERVAL_MS) return;
    this.sweptAt = now;
    // The next sweep retries. Operations of the store report an unavailable server.
    this.sweeping = this.sweep().catch(() => undefined);
  }

  /** Waits for the sweep in progress. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.sweeping;
  }

  async sweep(): Promise<void> {
    if (this.sweeps % SWEEPS_FROM_LAST === 0) this.positions.clear();
    this.sweeps += 1;
    for (const table of this.tables) {
      let removed = BATCH;
      for (
        let batch = 0;
        removed === BATCH && batch < this.maxBatches && !this.stopped;
        batch += 1
      ) {
        removed = await this.removeBatch(table);
      }
    }
  }

  private async removeBatch(table: string): Promise<number> {
    // now(), as an index cannot be searched by clock_timestamp().
    const { rows } = await this.connection.query(
      `WITH removed AS (
         DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM ${table} WHERE expires_at <= now() AND expires_at >= $1::timestamptz
           ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))
         RETURNING expires_at)
       SELECT count(*)::int AS count, max(expires_at)::text AS last FROM removed`,
      [this.positions.get(table) ?? '-infinity'],
    );
    const { count, last } = rows[0] as { count: number; last: string | null };
    if (last !== null) this.positions.set(table, last);
    return count;
  }
}
