import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { cause, type CauseCode, type Suspect } from './cause.js';
import { decodeCapture } from './decode-capture.js';
import { jsonVariants } from './json-styles.js';

const RAW = 'Hash the bytes as they were received, before anything parses or decodes them.';
const SPACES = ' \t\r\n';
const MAX_INFLATED = 64 * 1024 * 1024;

const CURES: Partial<Record<CauseCode, string>> = {
  body_trailing_newline:
    'Hash the body as it is, byte for byte; mind what editors, "echo" and copying add or take off.',
  body_line_ends: 'Keep the body out of anything that treats it as text, such as git or an editor.',
  body_encoded: 'Decode the body once, to the bytes that were sent, and hash these.',
};

/** The body with one thing undone that often happens to bodies, the likeliest first. */
export function* suspectBodies(body: Buffer): Generator<Suspect<Buffer>> {
  const seen = [body];
  for (const { value, code, message } of candidates(body)) {
    if (value === undefined || seen.some(other => other.equals(value))) continue;
    seen.push(value);
    yield { value, cause: cause(code, message, CURES[code] ?? RAW) };
  }
}

interface Candidate {
  readonly value: Buffer | undefined;
  readonly code: CauseCode;
  readonly message: string;
}

function* candidates(body: Buffer): Generator<Candidate> {
  // latin1 keeps each byte as it is.
  const text = body.toString('latin1');
  const bytes = (latin1: string) => Buffer.from(latin1, 'latin1');
  const newline = (value: string, message: string): Candidate => ({
    value: bytes(value),
    code: 'body_trailing_newline',
    message,
  });
  yield newline(
    text.replace(/\r?\n$/, ''),
    'The body has a line end after it that was not signed.',
  );
  yield newline(`${text}\n`, 'The body was signed with a line feed after it, which is gone.');
  yield newline(`${text}\r\n`, 'The body was signed with a CRLF after it, which is gone.');
  yield newline(trimJson(text), 'The body has white space around it that was not signed.');
  const ends = (value: string, message: string): Candidate => ({
    value: bytes(value),
    code: 'body_line_ends',
    message,
  });
  yield ends(text.replace(/\r\n/g, '\n'), 'Line feeds in the body have become CRLF.');
  yield ends(text.replace(/\r?\n/g, '\r\n'), 'CRLF in the body has become line feeds.');
  yield* markAndEncoding(body, text);
  const json = body.toString('utf8').replace(/^\ufeff/, '');
  for (const { style, json: variant } of jsonVariants(json)) {
    yield {
      value: Buffer.from(variant, 'utf8'),
      code: 'body_reserialised',
      message: `The body was parsed and written again: the signed one was written ${style}.`,
    };
  }
}

function* markAndEncoding(body: Buffer, text: string): Generator<Candidate> {
  const mark = Buffer.from('\ufeff', 'utf8');
  const hasMark = body.subarray(0, 3).equals(mark);
  yield {
    value: hasMark ? body.subarray(3) : Buffer.concat([mark, body]),
    code: 'body_mark',
    message: hasMark
      ? 'The body has a byte order mark that was not signed.'
      : 'The body was signed with a byte order mark, which is gone.',
  };
  const latin1 = 'The body was taken for Latin-1 text on the way; it is UTF-8.';
  const decoded = body.toString('utf8');
  if (isUtf8(body) && /^[\0-\u00ff]*$/.test(decoded)) {
    yield { value: Buffer.from(decoded, 'latin1'), code: 'body_not_utf8', message: latin1 };
  }
  if (!isUtf8(body)) {
    yield { value: Buffer.from(text, 'utf8'), code: 'body_not_utf8', message: latin1 };
  }
  yield { value: inflate(body), code: 'body_encoded', message: 'The body is still gzipped.' };
  if (/^[A-Za-z0-9+/]+=*\s*$/.test(text)) {
    const message = 'The body is in Base64, as API Gateway hands it over (isBase64Encoded).';
    yield { value: Buffer.from(text, 'base64'), code: 'body_encoded', message };
  }
  const unmarked = decodeCapture(body).bytes;
  if (body.includes(0) && !unmarked.equals(body)) {
    const message = 'The body is in UTF-16, as Windows PowerShell saves text.';
    yield { value: unmarked, code: 'body_encoded', message };
  }
  const inner = /^\s*"/.test(text) ? parseString(decoded) : undefined;
  if (inner !== undefined) {
    const message = 'The body is a JSON text in a JSON string: it was serialised twice.';
    yield { value: Buffer.from(inner, 'utf8'), code: 'body_reserialised', message };
  }
}

/** By hand: a regular expression for the end takes quadratic time with spaces inside. */
function trimJson(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && SPACES.includes(text[start] as string)) start += 1;
  while (end > start && SPACES.includes(text[end - 1] as string)) end -= 1;
  return text.slice(start, end);
}

function inflate(body: Buffer): Buffer | undefined {
  if (body[0] !== 0x1f || body[1] !== 0x8b) return undefined;
  try {
    return gunzipSync(body, { maxOutputLength: MAX_INFLATED });
  } catch {
    return undefined;
  }
}

function parseString(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
