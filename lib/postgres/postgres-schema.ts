import { CHECK_ISOLATION, claimFunction, progressFunction } from './functions.js';
import { namesOf, type PostgresNames, type PostgresSchemaOptions } from './postgres-names.js';

/** The table's comment once the schema is complete. Change it with every statement below. */
export const SCHEMA_VERSION = 'nestjs-revrag-webhook 2';

/**
 * The SQL that creates what a `PostgresIdempotencyStore` needs. Run it with your own tool if the store may not
 * (`migrate: false`). It may run repeatedly, and several times at once. It fails and changes nothing if a table of
 * that name is not of this version.
 */
export function postgresSchemaSql(options: PostgresSchemaOptions = {}): string {
  const names = namesOf(options);
  const { deliveries, schema, claim, progress } = names;
  return `DO $migrate$
BEGIN${CHECK_ISOLATION}
-- One migration at a time: two that run at once may both find the table missing.
PERFORM pg_advisory_xact_lock(hashtext(${literal(`nestjs-revrag-webhook ${deliveries}`)}));
-- Makes the session see what others have created while it waited.
PERFORM FROM pg_catalog.pg_class LIMIT 1;
IF to_regclass(${literal(deliveries)}) IS NULL THEN
${schema ? `\nCREATE SCHEMA IF NOT EXISTS ${schema};\n` : ''}
${tables(names)}

ELSIF obj_description(to_regclass(${literal(deliveries)}), 'pg_class') IS DISTINCT FROM ${literal(SCHEMA_VERSION)} THEN
  RAISE EXCEPTION USING
    MESSAGE = 'The table ' || ${literal(deliveries)} || ' is not of this version of nestjs-revrag-webhook.',
    HINT = 'Give another name with the option "table", or drop the table and those that begin with its name.';
-- Changes nothing that is up to date, as others may be using it. A copy of the tables comes without the functions.
ELSIF to_regproc(${literal(claim)}) IS NOT NULL AND to_regproc(${literal(progress)}) IS NOT NULL THEN
  RETURN;
END IF;

${claimFunction(names)}

${progressFunction(names)}

COMMENT ON TABLE ${deliveries} IS ${literal(SCHEMA_VERSION)};
END
$migrate$;
`;
}

/**
 * Names and finished handlers are digests of 8 bytes, one after the other. Pages keep some room free, and the end of
 * a claim changes no indexed column, so that an update needs no new index entry (HOT).
 */
function tables({ deliveries, effects, expiry }: PostgresNames): string {
  return `-- A delivery: what it is known by, which handlers have finished, who has claimed it until when.
CREATE TABLE ${deliveries} (
  expires_at timestamptz NOT NULL,
  lease_until timestamptz,
  fence bigint NOT NULL,
  call bytea NOT NULL,
  key bytea NOT NULL,
  names bytea NOT NULL,
  finished bytea NOT NULL DEFAULT '',
  token uuid,
  PRIMARY KEY (call, key)
) WITH (fillfactor = 90);
CREATE INDEX ${expiry('deliveries')} ON ${deliveries} (expires_at);

-- Effects that handlers have committed together with a row here.
CREATE TABLE ${effects} (
  key bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX ${expiry('effects')} ON ${effects} (expires_at);`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
