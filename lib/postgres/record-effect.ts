import { digest } from '../core/common/digest.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';

/**
 * Runs a statement in the caller's transaction. It returns the number of rows, the rows, or an object that has them
 * as `rows`.
 */
export type RunStatement = (sql: string, params: string[]) => Promise<unknown>;

/** A transaction: a function that runs a statement, or an object with such a `query()`. */
export type EffectRunner =
  RunStatement | { query(sql: string, params: string[]): Promise<unknown> };

/** The part of a `Delivery` that names it. */
export interface EffectDelivery {
  readonly endpoint: string;
  /** The same for each redelivery. */
  readonly key: string;
}

/** 30 days. */
export const EFFECT_RETENTION = 30 * 24 * 3600 * 1000;

/** Parameters are text, once each and in order, so that every tool can pass them on, whatever its placeholders. */
const statementOf = (effects: string): string =>
  `INSERT INTO ${effects} AS noted (key, expires_at)
    VALUES (decode($1, 'hex'), clock_timestamp() + $2::text::double precision * interval '1 millisecond')
    ON CONFLICT (key) DO UPDATE SET expires_at = EXCLUDED.expires_at WHERE noted.expires_at <= now()
    RETURNING 1 AS noted`;

interface Effect {
  readonly delivery: EffectDelivery;
  readonly handlerId: string;
  readonly retention: number;
}

/** @returns false if the effect was noted before */
export async function noteEffect(
  run: EffectRunner,
  effects: string,
  { delivery, handlerId, retention }: Effect,
): Promise<boolean> {
  const { endpoint, key } = delivery;
  const name = Buffer.from(digest(endpoint, key, handlerId), 'base64url').toString('hex');
  const params = [name, String(retention)];
  const sql = statementOf(effects);
  const answer = typeof run === 'function' ? await run(sql, params) : await run.query(sql, params);
  return countOf(answer) > 0;
}

/** @throws RevragConfigurationError for no answer, which must not count as "noted before": the effect would be lost */
function countOf(answer: unknown): number {
  const { rows } = (answer ?? {}) as { rows?: unknown };
  const given = Array.isArray(answer) ? answer : rows;
  const count = Array.isArray(given) ? given.length : answer;
  if (count === 0 || count === 1) return count;
  throw new RevragConfigurationError(
    'recordEffect: the runner did not return the number of rows. Return the number, the rows, or { rows }.',
  );
}
