import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';

export interface PostgresSchemaOptions {
  /**
   * The schema that holds the tables; made by the migration if it does not exist.
   *
   * @default the first one in the connection's search_path
   */
  schema?: string;
  /**
   * Name of the deliveries' table. Those of the other tables and of a function begin with it.
   *
   * @default 'revrag_deliveries'
   */
  table?: string;
}

/** Quoted, as they go into a statement. */
export interface PostgresNames {
  readonly schema: string | undefined;
  readonly deliveries: string;
  readonly macs: string;
  readonly effects: string;
  readonly claim: string;
  readonly expiry: (table: 'deliveries' | 'macs' | 'effects') => string;
}

/** PostgreSQL cuts longer names off; the longest suffix is `_deliveries_expiry`. */
const MAX_TABLE_BYTES = 63 - '_deliveries_expiry'.length;
/** What the table's comment says once all is up to date; to be changed with every statement below. */
export const SCHEMA_VERSION = 'nestjs-revrag-webhook 1';

/** @throws RevragConfigurationError if a name can't be used */
export function namesOf({
  schema,
  table = 'revrag_deliveries',
}: PostgresSchemaOptions): PostgresNames {
  if (schema !== undefined) check('schema', schema, 63);
  check('table', table, MAX_TABLE_BYTES);
  const prefix = schema === undefined ? '' : `${quote(schema)}.`;
  return {
    schema: schema === undefined ? undefined : quote(schema),
    deliveries: prefix + quote(table),
    macs: prefix + quote(`${table}_macs`),
    effects: prefix + quote(`${table}_effects`),
    claim: prefix + quote(`${table}_claim`),
    expiry: of => quote(`${table}_${of}_expiry`),
  };
}

/**
 * The SQL that makes what a `PostgresIdempotencyStore` needs: to be run by hand or by another tool where
 * the store may not do so itself (`migrate: false`). It may be run again, and by several at once.
 */
export function postgresSchemaSql(options: PostgresSchemaOptions = {}): string {
  const names = namesOf(options);
  const { deliveries, schema } = names;
  return `DO $migrate$
BEGIN
-- One at a time: two that create the same at once may both find it missing.
PERFORM pg_advisory_xact_lock(hashtext(${literal(`nestjs-revrag-webhook ${deliveries}`)}));
-- Nothing is touched that is up to date, as others may be at work on it.
IF obj_description(to_regclass(${literal(deliveries)}), 'pg_class') = ${literal(SCHEMA_VERSION)} THEN
  RETURN;
END IF;
${schema ? `\nCREATE SCHEMA IF NOT EXISTS ${schema};\n` : ''}
${tables(names)}

${claimFunction(names)}

COMMENT ON TABLE ${deliveries} IS ${literal(SCHEMA_VERSION)};
END
$migrate$;
`;
}

function tables({ deliveries, macs, effects, expiry }: PostgresNames): string {
  return `-- A delivery: who has claimed it until when, which handlers have finished, whether it is completed.
CREATE TABLE IF NOT EXISTS ${deliveries} (
  key text PRIMARY KEY,
  endpoint text NOT NULL,
  id text NOT NULL,
  token text,
  lease_until timestamptz,
  finished text[] NOT NULL DEFAULT '{}',
  finished_until timestamptz,
  completed boolean NOT NULL DEFAULT false,
  expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS ${expiry('deliveries')} ON ${deliveries} (expires_at);

-- The id that signed bytes were first seen with, and the token of the claim that they came with.
CREATE TABLE IF NOT EXISTS ${macs} (
  mac text PRIMARY KEY,
  id text NOT NULL,
  key text NOT NULL,
  seen_by text NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS ${expiry('macs')} ON ${macs} (expires_at);

-- Effects that handlers have committed together with a row here.
CREATE TABLE IF NOT EXISTS ${effects} (
  key text PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS ${expiry('effects')} ON ${effects} (expires_at);`;
}

/** Times are the server's; spans are milliseconds. Each statement within sees what was committed before it. */
function claimFunction({ deliveries, macs, claim }: PostgresNames): string {
  return `CREATE OR REPLACE FUNCTION ${claim}(
  p_endpoint text, p_id text, p_key text, p_macs text[], p_token text,
  p_lease double precision, p_mac_retention double precision
) RETURNS TABLE (answer text, claimed_id text, retry_after double precision, done text[])
LANGUAGE plpgsql AS $claim$
#variable_conflict use_column
DECLARE
  v_ms CONSTANT interval := interval '1 millisecond';
  v_now CONSTANT timestamptz := clock_timestamp();
  v_until CONSTANT timestamptz := v_now + p_lease * v_ms;
  v_mac_until CONSTANT timestamptz := v_now + p_mac_retention * v_ms;
  v_id text := p_id;
  v_key text := p_key;
  v_done text[];
BEGIN
  -- Locks the MACs, in one order for all: whoever has one of them in common waits here.
  INSERT INTO ${macs} AS known (mac, id, key, seen_by, expires_at)
    SELECT DISTINCT mac, p_id, p_key, p_token, v_mac_until FROM unnest(p_macs) AS mac ORDER BY mac
    ON CONFLICT (mac) DO UPDATE SET
      id = CASE WHEN known.expires_at <= v_now THEN EXCLUDED.id ELSE known.id END,
      key = CASE WHEN known.expires_at <= v_now THEN EXCLUDED.key ELSE known.key END,
      seen_by = CASE WHEN known.expires_at <= v_now THEN EXCLUDED.seen_by ELSE known.seen_by END,
      expires_at = CASE WHEN known.expires_at <= v_now THEN EXCLUDED.expires_at ELSE known.expires_at END;
  SELECT known.id, known.key INTO v_id, v_key
    FROM unnest(p_macs) WITH ORDINALITY AS given (mac, place)
    JOIN ${macs} AS known USING (mac)
    ORDER BY known.seen_by = p_token, place LIMIT 1;
  IF v_key IS NULL THEN
    v_id := p_id;
    v_key := p_key;
  ELSIF v_key <> p_key THEN
    UPDATE ${macs} AS known SET id = v_id, key = v_key
      WHERE mac = ANY (p_macs) AND known.seen_by = p_token;
  END IF;

  INSERT INTO ${deliveries} AS held (key, endpoint, id, token, lease_until, expires_at)
    VALUES (v_key, p_endpoint, v_id, p_token, v_until, v_until + interval '1 day')
    ON CONFLICT (key) DO UPDATE SET
      token = EXCLUDED.token,
      lease_until = EXCLUDED.lease_until,
      finished = CASE WHEN held.finished_until > v_now THEN held.finished ELSE '{}' END,
      completed = false,
      expires_at = GREATEST(EXCLUDED.expires_at, held.finished_until)
    WHERE (NOT held.completed OR held.expires_at <= v_now)
      AND (held.token IS NULL OR held.token = EXCLUDED.token OR held.lease_until <= v_now)
    RETURNING held.finished INTO v_done;
  IF FOUND THEN
    RETURN QUERY SELECT 'claimed', v_id, NULL::double precision, v_done;
  ELSE
    RETURN QUERY SELECT CASE WHEN held.completed THEN 'completed' ELSE 'in_progress' END, v_id,
      GREATEST(1, ceil(EXTRACT(epoch FROM held.lease_until - v_now) * 1000))::double precision, NULL::text[]
      FROM ${deliveries} AS held WHERE held.key = v_key;
  END IF;
END
$claim$;`;
}

function check(option: string, name: unknown, maxBytes: number): void {
  const isUsable =
    typeof name === 'string' &&
    name !== '' &&
    Buffer.byteLength(name) <= maxBytes &&
    !name.includes('\0') &&
    // Ends a part of the text.
    !/\$(claim|migrate)\$/.test(name);
  if (isUsable) return;
  throw new RevragConfigurationError(
    `PostgresIdempotencyStore: ${option} must be a name of 1 to ${maxBytes} bytes.`,
  );
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
