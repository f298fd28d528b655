import { randomUUID } from 'node:crypto';
import type { Delivery } from '../core/events/delivery.js';
import { digest } from '../core/common/digest.js';
import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from '../core/idempotency/idempotency-store.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import { ExpiredRows } from './expired-rows.js';
import type { PostgresClient, PostgresPool } from './postgres-client.js';
import { PostgresConnection } from './postgres-connection.js';
import {
  namesOf,
  postgresSchemaSql,
  SCHEMA_VERSION,
  type PostgresNames,
  type PostgresSchemaOptions,
} from './postgres-schema.js';
import { statementsOf, type Statements } from './statements.js';

export interface PostgresIdempotencyStoreOptions extends PostgresSchemaOptions {
  /**
   * How long an operation waits for PostgreSQL, in milliseconds; then it rejects, and the sender gets 503.
   *
   * @default 2_000
   */
  timeout?: number;
  /**
   * Whether the store makes its tables itself, before its first operation. Where it may not, run what
   * `postgresSchemaSql()` gives.
   *
   * @default true
   */
  migrate?: boolean;
}

interface ClaimRow {
  readonly answer: ClaimResult['status'];
  readonly claimed_id: string;
  readonly retry_after: number;
  readonly done: string[];
}

/** Longer than a provider may go on delivering. */
const EFFECT_RETENTION = 30 * 24 * 3600 * 1000;

/**
 * Remembers deliveries in PostgreSQL (12 or later), for all instances that share it.
 *
 * Made from a URL, it connects on first use and closes its connections with the app. A pool of the
 * caller's own stays open.
 */
export class PostgresIdempotencyStore extends IdempotencyStore {
  private readonly connection: PostgresConnection;
  private readonly names: PostgresNames;
  private readonly statements: Statements;
  private readonly expired: ExpiredRows;
  private migrated: Promise<void> | undefined;

  /**
   * @param pool A pool of pg, or a URL such as `postgres://user:password@host:5432/database`
   * @throws RevragConfigurationError if the URL or an option can't be used
   */
  constructor(
    pool: PostgresPool | string,
    private readonly options: PostgresIdempotencyStoreOptions = {},
  ) {
    super();
    const { timeout = 2_000 } = options;
    if (!(timeout > 0)) {
      throw new RevragConfigurationError('PostgresIdempotencyStore: timeout is a number above 0.');
    }
    this.names = namesOf(options);
    this.statements = statementsOf(this.names);
    this.connection = new PostgresConnection(pool, timeout);
    const { deliveries, macs, effects } = this.names;
    this.expired = new ExpiredRows(this.connection, [deliveries, macs, effects]);
  }

  claim(request: ClaimRequest): Promise<ClaimResult> {
    const token = randomUUID();
    return this.connection.run(async isLate => {
      const result = await this.tryClaim(request, token);
      // Nobody is left to use the claim, so nobody is to wait for it.
      if (isLate() && result.status === 'claimed') await this.giveBack(result.claim);
      this.expired.sweepIfDue();
      return result;
    });
  }

  renew(claim: Claim, lease: number): Promise<boolean> {
    return this.asOwner(this.statements.renew, claim, lease);
  }

  record(claim: Claim, handlerIds: readonly string[], retention: number): Promise<boolean> {
    return this.asOwner(this.statements.record, claim, retention, handlerIds);
  }

  complete(claim: Claim, retention: number): Promise<boolean> {
    return this.asOwner(this.statements.complete, claim, retention);
  }

  release(claim: Claim, handlerIds: readonly string[], retention: number): Promise<boolean> {
    return this.asOwner(this.statements.release, claim, retention, handlerIds);
  }

  /**
   * For a handler whose effect is in the same database: notes the effect in the handler's own
   * transaction, so that both are committed or neither is. Waits for another transaction that notes the
   * same effect to end.
   *
   * @param client In a transaction that the caller commits or rolls back
   * @param handlerId Which of a delivery's effects this is
   * @param retention How long the note is kept, in milliseconds. Default: 30 days.
   * @returns false if the effect was committed before: there is nothing left to do
   */
  async recordEffect(
    client: PostgresClient,
    delivery: Delivery,
    handlerId: string,
    retention = EFFECT_RETENTION,
  ): Promise<boolean> {
    await this.migrate();
    const key = digest(delivery.endpoint, delivery.id, handlerId);
    const { rowCount } = await client.query(this.statements.recordEffect, [key, retention]);
    return rowCount === 1;
  }

  /** Makes the tables, unless they are there or `migrate` is false. Done before the first operation anyway. */
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
    const { rows } = await this.connection.query<{ version: string | null }>(
      `SELECT obj_description(to_regclass($1), 'pg_class') AS version`,
      [this.names.deliveries],
    );
    if (rows[0]?.version === SCHEMA_VERSION) return;
    await this.connection.query(postgresSchemaSql(this.options));
  }

  private async tryClaim(
    { endpoint, id, macs, lease, macRetention }: ClaimRequest,
    token: string,
  ): Promise<ClaimResult> {
    await this.migrate();
    const { rows } = await this.connection.query<ClaimRow>(this.statements.claim, [
      endpoint,
      id,
      digest(endpoint, id),
      macs.map(mac => digest(endpoint, mac)),
      token,
      lease,
      macRetention,
    ]);
    const { answer: status, claimed_id: first, retry_after, done } = rows[0] as ClaimRow;
    if (status === 'completed') return { status, id: first };
    if (status === 'in_progress') return { status, id: first, retryAfter: retry_after };
    return { status, claim: { endpoint, id: first, token }, finished: done };
  }

  private async giveBack({ endpoint, id, token }: Claim): Promise<void> {
    const values = [digest(endpoint, id), token, 0, []];
    await this.connection.query(this.statements.release, values).catch(() => undefined);
  }

  private asOwner(
    statement: string,
    { endpoint, id, token }: Claim,
    ...values: unknown[]
  ): Promise<boolean> {
    return this.connection.run(async () => {
      await this.migrate();
      const key = digest(endpoint, id);
      const { rowCount } = await this.connection.query(statement, [key, token, ...values]);
      return rowCount === 1;
    });
  }
}
