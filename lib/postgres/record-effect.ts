import { digest } from '../core/common/digest.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';

/**
 * Runs a statement in the caller's transaction. The answer is how many rows it gave: the number, the rows, or
 * an object that has them as `rows`.
 */
export type RunStatement = (sql: string, params: string[]) => Promise<unknown>;

/** A transaction: what runs a statement, or what has a `query()` that does. */
export type EffectRunner =
  RunStatement | { query(sql: string, params: string[]): Promise<unknown> };

/** What is needed of a `Delivery`. */
export interface EffectDelivery {
  readonly endpoint: string;
  /** The same for each redelivery. */
  readonly key: string;
}

/** 30 days. */
export const EFFECT_RETENTION = 30 * 24 * 3600 * 1000;

/** Parameters are text, once each and in order: every tool can pass that on, with whichever placeholders. */
const statementOf = (effects: string): string =>
  `INSERT INTO ${effects} AS noted (key, expires_at)
    VALUES (decode($1, 'hex'), clock_timestamp() + $2::text::double precision * interval '1 millisecond')
    ON CONFLICT (key) DO UPDATE SET expires_at = EXCLUDED.expires_at WHERE noted.expires_at <= now()
    RETURNING 1 AS noted`;

export interface Effect {
  readonly delivery: EffectDelivery;
  readonly handlerId: string;
  readonly retention: number;
}

/** @returns whether it was not noted before */
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

/** @throws RevragConfigurationError rather than take no answer for "noted before", which loses the effect */
function countOf(answer: unknown): number {
  const { rows } = (answer ?? {}) as { rows?: unknown };
  const given = Array.isArray(answer) ? answer : rows;
  const count = Array.isArray(given) ? given.length : answer;
  if (count === 0 || count === 1) return count;
  throw new RevragConfigurationError(
    'recordEffect: what ran the statement did not say how many rows it gave. Return their number or the rows.',
  );
}
