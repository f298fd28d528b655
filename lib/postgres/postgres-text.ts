/** What `text` and `jsonb` of PostgreSQL can't hold: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const REPLACEMENT = '\uFFFD';

/** The text with U+FFFD, the replacement character, for what PostgreSQL can't hold. */
export const postgresText = (text: string): string => text.replace(UNSTORABLE, REPLACEMENT);

/**
 * A value as JSON for a `jsonb` column, its texts and keys as `postgresText` gives them. `JSON.stringify`
 * writes what PostgreSQL can't hold as an escape, which `jsonb` refuses.
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
