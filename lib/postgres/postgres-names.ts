import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';

export interface PostgresSchemaOptions {
  /**
   * The schema that holds the tables. The migration creates it if it does not exist.
   *
   * @default the first one in the connection's search_path
   */
  schema?: string;
  /**
   * Name of the deliveries' table. The names of the other table and of the functions begin with it.
   *
   * @default 'revrag_deliveries'
   */
  table?: string;
}

/** Quoted, as they go into a statement. */
export interface PostgresNames {
  readonly schema: string | undefined;
  readonly deliveries: string;
  readonly effects: string;
  readonly claim: string;
  readonly progress: string;
  readonly expiry: (table: 'deliveries' | 'effects') => string;
}

/** PostgreSQL truncates longer names; the longest suffix is `_deliveries_expiry`. */
const MAX_TABLE_BYTES = 63 - '_deliveries_expiry'.length;
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
    effects: prefix + quote(`${table}_effects`),
    claim: prefix + quote(`${table}_claim`),
    progress: prefix + quote(`${table}_progress`),
    expiry: of => quote(`${table}_${of}_expiry`),
  };
}

function check(option: string, name: unknown, maxBytes: number): void {
  const isUsable =
    typeof name === 'string' &&
    name !== '' &&
    Buffer.byteLength(name) <= maxBytes &&
    !name.includes('\0') &&
    // Would end a dollar-quoted part of the SQL.
    !/\$(function|migrate)\$/.test(name);
  if (isUsable) return;
  throw new RevragConfigurationError(
    `PostgresIdempotencyStore: ${option} must be a name of 1 to ${maxBytes} bytes.`,
  );
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
