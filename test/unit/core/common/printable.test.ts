import { describe, expect, it } from 'vitest';
import { printable, printableJson, printableLines } from '../../../../lib/core/common/printable.js';

const HOSTILE: readonly (readonly [what: string, text: string, expected: string])[] = [
  ['C0 controls', 'a\u0000b\u0007\u001b', 'a?b??'],
  ['an OSC 52 sequence, which writes to the clipboard', '\u001b]52;c;cm0=\u0007', '?]52;c;cm0=?'],
  ['DEL and C1 controls', '\u007f\u0080\u009b31m\u009d', '???31m?'],
  ['separators', 'a\u2028b\u2029', 'a?b?'],
  ['overrides and embeddings', '\u202a\u202b\u202c\u202d\u202e', '?????'],
  ['isolates', '\u2066\u2067\u2068\u2069', '????'],
  ['marks', '\u200e\u200f\u061c', '???'],
  ['lone surrogates', 'a\ud83dz\ude00', 'a?z?'],
];
/** A conjunct with a zero-width joiner, an emoji with one, letters beyond the first plane. */
const HARMLESS = 'क्\u200dष नमस्ते 👩\u200d💻 𝒳 é ‰ עברית';

describe.each([
  ['printable', printable],
  ['printableLines', printableLines],
])('%s', (_name, make) => {
  it.each(HOSTILE)('replaces %s', (_what, text, expected) => {
    expect(make(text)).toBe(expected);
  });

  it('leaves text of any script as it is', () => {
    expect(make(HARMLESS)).toBe(HARMLESS);
  });
});

it('printable keeps to one line and a length, and cuts no character in two', () => {
  expect(printable('a\n\tb\r')).toBe('a??b?');
  expect(printable('x'.repeat(129))).toBe(`${'x'.repeat(128)}…`);
  expect(printable('abc😀', 4)).toBe('abc?…');
});

it('printableLines keeps line feeds and tabs, and nothing else of the controls', () => {
  expect(printableLines('a\n\tb\r')).toBe('a\n\tb?');
});

it.each(HOSTILE)('printableJson escapes %s, and reads the same', (_what, text) => {
  const value = { [text]: [text, HARMLESS] };
  const json = printableJson(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(printable(json, json.length)).toBe(json);
});
