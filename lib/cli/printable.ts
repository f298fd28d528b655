/** What a sender or receiver chose must not reach the terminal as control sequences. */
export const printable = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, '?');

/** The same on one line, cut to a length. */
export function oneLine(text: string, max = 200): string {
  const line = printable(text.replace(/\s+/g, ' ').trim());
  return line.length > max ? `${line.slice(0, max)}…` : line;
}
