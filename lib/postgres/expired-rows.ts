import type { PostgresConnection } from './postgres-connection.js';

const INTERVAL_MS = 60_000;
const BATCH = 500;
/** Bounds one sweep; what is left is for the next. */
const MAX_BATCHES = 200;

/**
 * Removes expired rows now and then, beside the requests: in small batches, so that no lock is held for
 * long, and passing over rows that another instance is removing.
 *
 * Each batch starts where the last one ended. What was removed stays in the index until no transaction needs
 * it any more; a search from the start would pass over all of that in each batch.
 */
export class ExpiredRows {
  private sweptAt = -Infinity;
  private stopped = false;
  private sweeping: Promise<void> = Promise.resolve();
  /** Time of expiry of the last row that was removed, by table; as text, to the microsecond. */
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
    // What could not be removed now is removed later; a server that is away is told of elsewhere.
    this.sweeping = this.sweep().catch(() => undefined);
  }

  /** Waits for the sweep that is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.sweeping;
  }

  async sweep(): Promise<void> {
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
    // now(), as an index can't be searched for clock_timestamp().
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
