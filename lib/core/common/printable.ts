const MAX_PRINTED = 128;

/**
 * What could forge a line or steer a terminal: C0 and C1 controls with DEL (they begin every escape
 * sequence), line and paragraph separators, controls of writing direction, and lone surrogates.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const UNPRINTABLE_IN_LINES = /[^\P{Cc}\t\n]|[\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Text that a sender chose, made fit for one line of a log or a terminal, and cut to a length. */
export function printable(text: string, max = MAX_PRINTED): string {
  // Cut first: a pair of surrogates that is cut in two is made printable as well.
  const safe = text.slice(0, max).replace(UNPRINTABLE, '?');
  return text.length > max ? `${safe}…` : safe;
}

/** The same for text of several lines, in full: line feeds and tabs stay. */
export const printableLines = (text: string): string => text.replace(UNPRINTABLE_IN_LINES, '?');

/** JSON that reads the same, with what is not printable written as `\uXXXX`. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    UNPRINTABLE,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
