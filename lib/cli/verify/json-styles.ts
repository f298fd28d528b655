import { JSON_TOKEN } from '../json-token.js';
import { numberForms } from './number-forms.js';

/** A way in which a program writes JSON. */
interface JsonStyle {
  readonly name: string;
  /** After a comma and a colon on one line. */
  readonly comma?: string;
  readonly colon?: string;
  /** A line for each value, indented with this. */
  readonly indent?: string;
  readonly string?: (text: string) => string;
}

const ascii = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
const slashes = (text: string): string => JSON.stringify(text).replaceAll('/', '\\/');
const asciiSlashes = (text: string): string => ascii(text).replaceAll('/', '\\/');
const html = (text: string): string =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const STYLES: readonly JsonStyle[] = [
  { name: 'without spaces, as JSON.stringify() writes' },
  { name: "as Python's json.dumps() writes", comma: ' ', colon: ' ', string: ascii },
  { name: "as Python's json.dumps(ensure_ascii=False) writes", comma: ' ', colon: ' ' },
  { name: 'without spaces and in ASCII', string: ascii },
  { name: 'with two spaces of indentation', indent: '  ' },
  { name: 'with four spaces of indentation', indent: '    ' },
  { name: 'with tabs of indentation', indent: '\t' },
  { name: 'with two spaces of indentation and in ASCII', indent: '  ', string: ascii },
  { name: 'with four spaces of indentation and in ASCII', indent: '    ', string: ascii },
  { name: 'with escaped slashes, as PHP writes', string: asciiSlashes },
  { name: 'with escaped slashes', string: slashes },
  { name: 'with escaped <, > and &, as Go writes', string: html },
];

/** Deeper than any payload; indenting costs the square of it. */
const MAX_DEPTH = 64;

/** Bytes of variants that are written at most, so that a long transcript takes seconds. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The same JSON as other programs would have written it: in each style, also with its keys in order of
 * the alphabet, and with numbers as a parser may have changed them (`72.0` to `72`).
 */
export function* jsonVariants(text: string): Generator<{ style: string; json: string }> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return;
  }
  const tokens = tokensOf(text);
  if (depthOf(tokens) > MAX_DEPTH) return;
  const sorted = tokensOf(JSON.stringify(sortKeys(value)));
  let left = MAX_BYTES;
  for (const order of [
    { tokens, name: '' },
    { tokens: sorted, name: ', with sorted keys' },
  ]) {
    for (const { tokens: written, name } of [
      { tokens: order.tokens, name: '' },
      ...numberForms(order.tokens),
    ]) {
      for (const style of STYLES) {
        if (left < 0) return;
        const json = write(written, style);
        left -= json.length;
        yield { style: style.name + order.name + name, json };
      }
    }
  }
}

const tokensOf = (text: string): readonly string[] => text.match(JSON_TOKEN) ?? [];

function depthOf(tokens: readonly string[]): number {
  let [depth, most] = [0, 0];
  for (const token of tokens) {
    if (token === '{' || token === '[') most = Math.max(most, (depth += 1));
    else if (token === '}' || token === ']') depth -= 1;
  }
  return most;
}

function write(tokens: readonly string[], style: JsonStyle): string {
  const { comma = '', colon = style.indent === undefined ? '' : ' ', indent } = style;
  const string = style.string ?? (text => JSON.stringify(text));
  const out: string[] = [];
  let depth = 0;
  const newLine = () => indent !== undefined && out.push(`\n${indent.repeat(depth)}`);
  tokens.forEach((token, index) => {
    if (token === ':') out.push(`:${colon}`);
    else if (token === ',') {
      out.push(indent === undefined ? `,${comma}` : ',');
      newLine();
    } else if (token === '{' || token === '[') {
      out.push(token);
      const isEmpty = /^[\]}]$/.test(tokens[index + 1] ?? '');
      depth += 1;
      if (!isEmpty) newLine();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      if (!/^[[{]$/.test(tokens[index - 1] ?? '')) newLine();
      out.push(token);
    } else out.push(token.startsWith('"') ? string(JSON.parse(token) as string) : token);
  });
  return out.join('');
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  const keys = Object.keys(value).sort();
  return Object.fromEntries(
    keys.map(key => [key, sortKeys((value as Record<string, unknown>)[key])]),
  );
}
