import { RevragConfigurationError } from 'nestjs-revrag-webhook';
import { postgresSchemaSql } from 'nestjs-revrag-webhook/postgres';
import { expect, it } from 'vitest';

/** PostgreSQL truncates what is longer. */
const MAX_NAME_BYTES = 63;
const MAX_TABLE_BYTES = 45;

const namesIn = (sql: string): string[] =>
  [...sql.matchAll(/"((?:[^"]|"")+)"/g)].map(([, name]) => name!.replaceAll('""', '"'));

it.each(['x', 'é', '"', '😀'])('takes names of "%s" up to the bound, in bytes', letter => {
  const bytes = Buffer.byteLength(letter);
  const longest = (max: number) => letter.repeat(Math.floor(max / bytes));
  const table = longest(MAX_TABLE_BYTES);
  const schema = longest(MAX_NAME_BYTES);
  const names = namesIn(postgresSchemaSql({ schema, table }).replaceAll(/'(?:[^']|'')*'/g, ''));
  expect(new Set(names)).toContain(table);
  expect(Math.max(...names.map(name => Buffer.byteLength(name)))).toBeLessThanOrEqual(
    MAX_NAME_BYTES,
  );
  for (const options of [{ table: `${table}${letter}` }, { schema: `${schema}${letter}` }]) {
    expect(() => postgresSchemaSql(options)).toThrow(RevragConfigurationError);
  }
});

it.each(['', 'a\0b', '$migrate$', 'a$function$b', 7, null])('refuses the name %j', name => {
  for (const option of ['schema', 'table']) {
    expect(() => postgresSchemaSql({ [option]: name })).toThrow(
      `PostgresIdempotencyStore: ${option} must be a name of 1 to`,
    );
  }
});

it('leaves the schema to the connection unless it is given', () => {
  expect(postgresSchemaSql()).not.toContain('CREATE SCHEMA');
  expect(postgresSchemaSql({ schema: 'a' })).toContain('CREATE SCHEMA IF NOT EXISTS "a"');
});
