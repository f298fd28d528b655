import { CHECK_ISOLATION, claimFunction, progressFunction } from './functions.js';
import { namesOf, type PostgresNames, type PostgresSchemaOptions } from './postgres-names.js';

/** What the table's comment says once all is up to date; to be changed with every statement below. */
export const SCHEMA_VERSION = 'nestjs-revrag-webhook 2';

/**
 * The SQL that makes what a `PostgresIdempotencyStore` needs: to be run by hand or by another tool where
 * the store may not do so itself (`migrate: false`). It may be run again, and by several at once. It fails,
 * and changes nothing, if there is a table of that name that is not of this version.
 */
export function postgresSchemaSql(options: PostgresSchemaOptions = {}): string {
  const names = namesOf(options);
  const { deliveries, schema } = names;
  return `DO $migrate$
BEGIN${CHECK_ISOLATION}
-- One at a time: two that create the same at once may both find it missing.
PERFORM pg_advisory_xact_lock(hashtext(${literal(`nestjs-revrag-webhook ${deliveries}`)}));
-- Has the session look for what others have made while it waited.
PERFORM FROM pg_catalog.pg_class LIMIT 1;
IF to_regclass(${literal(deliveries)}) IS NOT NULL THEN
  -- Nothing is touched that is up to date, as others may be at work on it.
  IF obj_description(to_regclass(${literal(deliveries)}), 'pg_class') = ${literal(SCHEMA_VERSION)} THEN
    RETURN;
  END IF;
  RAISE EXCEPTION USING
    MESSAGE = 'The table ' || ${literal(deliveries)} || ' is not of this version of nestjs-revrag-webhook.',
    HINT = 'Give another name with the option "table", or drop the table and those that begin with its name.';
END IF;
${schema ? `\nCREATE SCHEMA IF NOT EXISTS ${schema};\n` : ''}
${tables(names)}

${claimFunction(names)}

${progressFunction(names)}

COMMENT ON TABLE ${deliveries} IS ${literal(SCHEMA_VERSION)};
END
$migrate$;
`;
}

/**
 * Names and finished handlers are digests of 8 bytes, one after the other. A row leaves room on its page, and
 * the end of a claim changes no column with an index: it then needs no new entry in one.
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
