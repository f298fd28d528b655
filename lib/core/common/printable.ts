const MAX_PRINTED = 128;

/**
 * Characters that can forge a log line or control a terminal: C0 and C1 controls with DEL, which begin every
 * escape sequence; line and paragraph separators; bidirectional controls; lone surrogates.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const UNPRINTABLE_IN_LINES = /[^\P{Cc}\t\n]|[\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** A sender's text, made safe for one line of a log or a terminal, and cut to a length. */
export function printable(text: string, max = MAX_PRINTED): string {
  // Cut first, so that a surrogate pair that is cut in two is replaced as well.
  const safe = text.slice(0, max).replace(UNPRINTABLE, '?');
  return text.length > max ? `${safe}…` : safe;
}

/** The same for text of several lines, not cut: line feeds and tabs stay. */
export const printableLines = (text: string): string => text.replace(UNPRINTABLE_IN_LINES, '?');

/** Equivalent JSON, with unprintable characters escaped as `\uXXXX`. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    UNPRINTABLE,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
