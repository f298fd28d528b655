/** Characters that PostgreSQL's `text` and `jsonb` cannot hold: NUL and lone surrogates. */
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const REPLACEMENT = '\uFFFD';

/** Replaces characters that PostgreSQL cannot hold (NUL, lone surrogates) by U+FFFD. */
export const postgresText = (text: string): string => text.replace(UNSTORABLE, REPLACEMENT);

/**
 * A value as JSON for a `jsonb` column, with `postgresText` applied to its texts and keys. `JSON.stringify` escapes
 * characters that PostgreSQL cannot hold, and `jsonb` rejects such escapes.
 */
export function postgresJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === 'string') return postgresText(each);
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(
      Object.entries(each).map(([name, child]) => [postgresText(name), child]),
    );
  });
}
