import type { PostgresNames } from './postgres-schema.js';

/** By name; parameters in the order in which they are numbered. */
export interface Statements {
  /** Endpoint, id, key, MACs, token, lease, retention of MACs. */
  readonly claim: string;
  /** Key, token, lease. */
  readonly renew: string;
  /** Key, token, retention, handler ids. */
  readonly record: string;
  /** Key, token, retention. */
  readonly complete: string;
  /** Key, token, retention, handler ids. */
  readonly release: string;
  /** Key, retention. */
  readonly recordEffect: string;
}

const NOW = 'clock_timestamp()';
/** A parameter in milliseconds, from now. */
const until = (parameter: string): string =>
  `(${NOW} + ${parameter}::double precision * interval '1 millisecond')`;
/** Progress with the handlers of $4, unless it has expired. */
const FINISHED = `ARRAY(SELECT DISTINCT unnest($4::text[] ||
  CASE WHEN finished_until > ${NOW} THEN finished ELSE '{}' END))`;
const FINISHED_UNTIL = `CASE WHEN cardinality($4::text[]) > 0 THEN ${until('$3')} ELSE finished_until END`;

/**
 * A lease that has run out leaves its owner in place for a day, so that one who was merely slow, or
 * paused, can still finish if nobody else has claimed.
 */
const LATE = `interval '1 day'`;

export function statementsOf({ deliveries, effects, claim }: PostgresNames): Statements {
  const update = (changes: string): string =>
    `UPDATE ${deliveries} SET ${changes} WHERE key = $1 AND token = $2`;
  return {
    claim: `SELECT * FROM ${claim}($1, $2, $3, $4, $5, $6, $7)`,
    renew: update(`lease_until = ${until('$3')},
      expires_at = GREATEST(finished_until, ${until('$3')} + ${LATE})`),
    record: update(`finished = ${FINISHED}, finished_until = ${FINISHED_UNTIL},
      expires_at = GREATEST(lease_until + ${LATE}, ${until('$3')})`),
    complete: update(`token = NULL, lease_until = NULL, finished = '{}', finished_until = NULL,
      completed = true, expires_at = ${until('$3')}`),
    release: update(`token = NULL, lease_until = NULL,
      finished = ${FINISHED}, finished_until = ${FINISHED_UNTIL},
      expires_at = COALESCE(${FINISHED_UNTIL}, ${NOW})`),
    recordEffect: `INSERT INTO ${effects} AS noted (key, expires_at) VALUES ($1, ${until('$2')})
      ON CONFLICT (key) DO UPDATE SET expires_at = EXCLUDED.expires_at WHERE noted.expires_at <= now()`,
  };
}
