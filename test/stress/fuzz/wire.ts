import { gzipSync } from 'node:zlib';
import type { Mutant } from './mutant.js';
import { isHeadInOrder, judge, type Terms, type Verdict } from './oracle.js';
import type { Random } from './random.js';
import type { Sent } from './referee.js';
import { BODY_LIMIT } from './target.js';

/** A delivery as bytes on a connection, and what the receiver is to make of them. */
export interface Wired {
  readonly bytes: Buffer;
  readonly sent: Sent;
  readonly verdict: Verdict;
}

const ENCODINGS = ['gzip', 'br', 'GZIP', 'deflate', 'identity, gzip', 'x', 'aws-chunked'];

export function toWire(random: Random, mutant: Mutant, path: string, terms: Terms): Wired {
  let { body, head } = mutant;
  if (random.chance(0.03)) {
    head = { ...head, 'content-encoding': random.pick(ENCODINGS) };
    if (random.chance(0.5)) body = gzipSync(body);
  }
  // Larger than the limit, which nobody has to verify any more.
  if (random.chance(0.01)) body = Buffer.concat([body, Buffer.alloc(BODY_LIMIT + 1, ' ')]);
  const framed = random.chance(0.5) ? inChunks(random, body) : withLength(body);
  const lines = Object.entries(head).flatMap(([name, value]) => linesOf(random, name, value));
  lines.push('Host: localhost', ...framed.lines);
  if (random.chance(0.05)) lines.push('Expect: 100-continue');
  const start = `POST ${path}${random.pick(['', '', '', '/', '?a=1'])} HTTP/1.1`;
  const bytes = [`${[start, ...shuffled(random, lines)].join('\r\n')}\r\n\r\n`, ...framed.parts];
  const sent = { body, headers: asReceived(head) };
  return {
    bytes: Buffer.concat(
      bytes.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
    ),
    sent,
    verdict: judgeWired(sent, terms),
  };
}

/** Headers first, then how the body comes, then who it is from, then what it says. */
function judgeWired({ body, headers }: Sent, terms: Terms): Verdict {
  if (!isHeadInOrder(headers, terms)) return { status: 401 };
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && !/^identity$/i.test(encoding as string)) return { status: 415 };
  if (body.length > BODY_LIMIT) return { status: 413 };
  return judge(body, headers, terms);
}

/** Lines of one header, its name in any case and with white space around its value. */
function linesOf(random: Random, name: string, value: unknown): string[] {
  const space = () => random.pick(['', ' ', ' ', '\t', '  ']);
  const odd = random.chance(0.2);
  const written = odd
    ? name.replace(/[a-z]/g, c => (random.chance(0.5) ? c.toUpperCase() : c))
    : name;
  return valuesOf(value).map(one => `${written}:${space()}${one}${space()}`);
}

/** Duplicates arrive joined, white space around values does not arrive. */
const asReceived = (head: Mutant['head']): Sent['headers'] =>
  Object.fromEntries(
    Object.entries(head)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name,
        valuesOf(value)
          .map(one =>
            Buffer.from(one, 'latin1')
              .toString('latin1')
              .replace(/^[ \t]+|[ \t]+$/g, ''),
          )
          .join(', '),
      ]),
  );

const valuesOf = (value: unknown): string[] =>
  value === undefined ? [] : ([value].flat() as string[]);

interface Framed {
  readonly lines: readonly string[];
  readonly parts: readonly (string | Buffer)[];
}

const withLength = (body: Buffer): Framed => ({
  lines: [`Content-Length: ${body.length}`],
  parts: [body],
});

/** Chunks of any size, with extensions and trailers, which count for nothing. */
function inChunks(random: Random, body: Buffer): Framed {
  const parts: (string | Buffer)[] = [];
  const largest = random.pick([1, 7, 100, 5000]) + Math.floor(body.length / 50);
  for (let at = 0; at < body.length;) {
    const size = Math.min(body.length - at, random.int(1, largest));
    const hex = size.toString(16);
    const extension = random.chance(0.05) ? ';x-webhook-id="evt"' : '';
    parts.push(`${random.chance(0.5) ? hex : `00${hex.toUpperCase()}`}${extension}\r\n`);
    parts.push(body.subarray(at, at + size), '\r\n');
    at += size;
  }
  const trailer = random.chance(0.1) ? 'X-Webhook-ID: trailed\r\nX-Webhook-Event: x\r\n' : '';
  parts.push(`0\r\n${trailer}\r\n`);
  return { lines: ['Transfer-Encoding: chunked'], parts };
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  return list
    .map(item => ({ item, order: random.next() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
