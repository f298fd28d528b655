import { randomUUID } from 'node:crypto';
import { checkStoreOptions } from '../core/idempotency/check-store-options.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type Progress,
} from '../core/idempotency/idempotency-store.js';
import { bytesOf, finishedOf, handlersOf, nameOf, textOf } from './digests.js';
import { ExpiredRows } from './expired-rows.js';
import { PostgresConnection } from './postgres-connection.js';
import type { PostgresPool, PostgresResult } from './postgres-pool.js';
import { namesOf, type PostgresNames, type PostgresSchemaOptions } from './postgres-names.js';
import { postgresSchemaSql, SCHEMA_VERSION } from './postgres-schema.js';
import {
  EFFECT_RETENTION,
  noteEffect,
  type EffectDelivery,
  type EffectRunner,
} from './record-effect.js';

export interface PostgresIdempotencyStoreOptions extends PostgresSchemaOptions {
  /**
   * How long an operation waits for PostgreSQL, in milliseconds; then it rejects, and the sender gets 503.
   *
   * @default 2_000
   */
  timeout?: number;
  /**
   * Whether the store creates its tables before its first operation. If its role may not, run the SQL of
   * `postgresSchemaSql()`.
   *
   * @default true
   */
  migrate?: boolean;
}

const OPTIONS = ['schema', 'table', 'timeout', 'migrate'];

interface ClaimRow {
  readonly o_status: ClaimResult['status'];
  readonly o_key: Buffer;
  /** A bigint. */
  readonly o_fence: string;
  readonly o_finished: Buffer;
  readonly o_retry_after: number;
}

/** What the database has of what the store needs. */
interface Schema {
  readonly exists: boolean;
  readonly version: string | null;
  /** Whether both functions exist. */
  readonly complete: boolean;
}

/** A schema, table or function. */
const MISSING: ReadonlySet<string> = new Set(['3F000', '42P01', '42883']);

type Step = 'renew' | 'record' | 'end';

/**
 * Remembers deliveries in PostgreSQL (13 or later), for all instances that share it; also behind PgBouncer, in any
 * mode.
 *
 * With a URL, the store connects on first use and closes its connections with the app. It leaves a pool of the
 * caller open.
 */
export class PostgresIdempotencyStore extends IdempotencyStore {
  private readonly connection: PostgresConnection;
  private readonly names: PostgresNames;
  private readonly expired: ExpiredRows;
  private migrated: Promise<void> | undefined;

  /**
   * @param pool A pool of pg, or a URL such as `postgres://user:password@host:5432/database`
   * @throws RevragConfigurationError if the URL, the pool or an option can't be used
   */
  constructor(
    pool: PostgresPool | string,
    private readonly options: PostgresIdempotencyStoreOptions = {},
  ) {
    super();
    const { timeout = 2_000 } = options;
    checkStoreOptions('PostgresIdempotencyStore', options, OPTIONS);
    this.names = namesOf(options);
    this.connection = new PostgresConnection(pool, timeout);
    const { deliveries, effects } = this.names;
    this.expired = new ExpiredRows(this.connection, [deliveries, effects]);
  }

  claim(request: ClaimRequest): Promise<ClaimResult> {
    const token = randomUUID();
    return this.connection.run(async isLate => {
      const result = await this.tryClaim(request, token);
      // The request has given up. End the claim, so that the next one need not wait for the lease.
      if (isLate() && result.status === 'claimed') await this.giveBack(result.claim, request);
      this.expired.sweepIfDue();
      return result;
    });
  }

  renew(claim: Claim, lease: number): Promise<boolean> {
    return this.progress(claim, 'renew', { handlerIds: [], retention: lease });
  }

  record(claim: Claim, progress: Progress): Promise<boolean> {
    return this.progress(claim, 'record', progress);
  }

  end(claim: Claim, progress: Progress): Promise<boolean> {
    return this.progress(claim, 'end', progress);
  }

  /**
   * For a handler whose effect is in the same database: notes the effect in the handler's own transaction, so that
   * both are committed or neither is. Waits for another transaction that notes the same effect. Needs no second
   * connection. The tables must exist: the first claim creates them, or `migrate()`.
   *
   * @param run The transaction, which the caller commits or rolls back: a client of pg, an EntityManager or
   *   QueryRunner of TypeORM, or a function that runs a statement in it
   * @param delivery The handler's second argument
   * @param handlerId Names the effect; needed if the delivery has several. Default: none.
   * @param retention How long the note is kept, in milliseconds. Default: 30 days.
   * @returns false if the effect was committed before, so that nothing is left to do
   * @throws RevragConfigurationError if `run` does not return the number of rows
   */
  async recordEffect(
    run: EffectRunner,
    delivery: EffectDelivery,
    handlerId = '',
    retention = EFFECT_RETENTION,
  ): Promise<boolean> {
    const effect = { delivery, handlerId, retention };
    if (this.migrated) return noteEffect(run, this.names.effects, effect);
    // Migrates for the next try: this call has a connection and must not wait for another.
    this.migrate().catch(() => undefined);
    return noteEffect(run, this.names.effects, effect).catch((error: unknown) => {
      if (error instanceof RevragConfigurationError) throw error;
      const message =
        'recordEffect failed. If its table is missing, await store.migrate() at boot.';
      throw new Error(message, { cause: error });
    });
  }

  /** Creates the tables unless they exist or `migrate` is false. The first operation does so anyway. */
  migrate(): Promise<void> {
    this.migrated ??= this.tryMigrate().catch((error: unknown) => {
      this.migrated = undefined;
      throw error;
    });
    return this.migrated;
  }

  override async close(): Promise<void> {
    await this.expired.stop();
    await this.connection.close();
  }

  private async tryMigrate(): Promise<void> {
    if (this.options.migrate === false) return;
    const { deliveries, claim, progress } = this.names;
    const { rows } = await this.connection.query(
      `SELECT to_regclass($1) IS NOT NULL AS exists, obj_description(to_regclass($1), 'pg_class') AS version,
        to_regproc($2) IS NOT NULL AND to_regproc($3) IS NOT NULL AS complete`,
      [deliveries, claim, progress],
    );
    const { exists, version, complete } = rows[0] as Schema;
    if (version === SCHEMA_VERSION && complete) return;
    if (exists && version !== SCHEMA_VERSION) {
      throw new RevragConfigurationError(
        `PostgresIdempotencyStore: the table ${deliveries} is not of this version of nestjs-revrag-webhook. ` +
          'Choose another name with the option table, or drop this table and those that begin with its name.',
      );
    }
    await this.connection.execute(postgresSchemaSql(this.options));
  }

  private async tryClaim(
    { identity, by, handlerIds, lease, retention }: ClaimRequest,
    token: string,
  ): Promise<ClaimResult> {
    await this.migrate();
    const { rows } = await this.call(
      `SELECT * FROM ${this.names.claim}($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        bytesOf(identity.call),
        bytesOf(identity.body),
        nameOf(identity.id),
        by === 'call',
        handlersOf(handlerIds),
        token,
        lease,
        retention,
        this.connection.timeout,
      ],
    );
    const row = rows[0] as ClaimRow;
    const [status, key] = [row.o_status, textOf(row.o_key)];
    if (status === 'completed') return { status, key };
    if (status === 'in_progress') return { status, retryAfter: row.o_retry_after };
    const claim = { identity, key, token, fence: Number(row.o_fence) };
    return { status, claim, finished: finishedOf(handlerIds, row.o_finished) };
  }

  private async call(text: string, values: unknown[]): Promise<PostgresResult> {
    try {
      return await this.connection.execute(text, values);
    } catch (error) {
      if (!MISSING.has((error as { code?: string }).code ?? '')) throw error;
      // The database may have been replaced since.
      this.migrated = undefined;
      throw new RevragConfigurationError(
        'PostgresIdempotencyStore: its tables or functions do not exist. ' +
          (this.options.migrate === false
            ? 'Run the SQL of postgresSchemaSql(), or leave migrate out.'
            : 'The next operation creates them.'),
      );
    }
  }

  /** Ends the claim if possible; otherwise its lease must end. */
  private async giveBack(claim: Claim, { retention }: ClaimRequest): Promise<void> {
    await this.send(claim, 'end', { handlerIds: [], retention }).catch(() => undefined);
  }

  private progress(claim: Claim, step: Step, progress: Progress): Promise<boolean> {
    return this.connection.run(async () => {
      await this.migrate();
      return this.send(claim, step, progress);
    });
  }

  private async send(claim: Claim, step: Step, progress: Progress): Promise<boolean> {
    const { identity, key, token, fence } = claim;
    const { rows } = await this.call(
      `SELECT ${this.names.progress}($1, $2, $3, $4, $5, $6, $7, $8, $9) AS done`,
      [
        bytesOf(identity.call),
        bytesOf(key),
        nameOf(identity.id),
        token,
        fence,
        step,
        progress.retention,
        handlersOf(progress.handlerIds),
        this.connection.timeout,
      ],
    );
    return (rows[0] as { done: boolean }).done;
  }
}
