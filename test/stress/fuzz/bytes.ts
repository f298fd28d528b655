import { CANARY } from './payloads.js';
import type { Random } from './random.js';

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\\u',
  '\\u0000',
  'null',
  'NaN',
  '-',
  '1e999',
  '/*',
  '__proto__',
  '"constructor":{"prototype":1},',
  '\u0000',
  '\ufeff',
  '\r\n',
  ' ',
  'call_id',
  '[]',
  '{}',
].map(token => Buffer.from(token));

/** One small accident to some bytes. */
export function corrupt(random: Random, bytes: Buffer): Buffer {
  const at = random.int(0, bytes.length);
  const to = Math.min(bytes.length, at + random.int(1, 12));
  const put = (middle: Buffer, from = at, until = at) =>
    Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(until)]);
  switch (random.int(0, 7)) {
    case 0:
      return put(random.bytes(1), at, at + 1);
    case 1:
      return put(random.bytes(random.int(1, 4)));
    case 2:
      return put(Buffer.alloc(0), at, to);
    case 3:
      return put(bytes.subarray(at, to));
    case 4:
      return put(random.pick(TOKENS));
    case 5:
      return put(random.pick(TOKENS), at, to);
    case 6:
      return bytes.subarray(0, at);
    default:
      return put(Buffer.from(bytes.subarray(at, to)).reverse(), at, to);
  }
}

/** Some accidents, after which the bytes are surely others. */
export function corruptSurely(random: Random, bytes: Buffer): Buffer {
  let changed = bytes;
  for (let left = random.int(1, 3); left > 0; left -= 1) changed = corrupt(random, changed);
  return changed.equals(bytes) ? Buffer.concat([bytes, random.bytes(1)]) : changed;
}

const nested = (depth: number, open: string, close: string) =>
  open.repeat(depth) + close.repeat(depth);
const deep = (random: Random) => {
  const depth = random.chance(0.02) ? 20_000 : random.pick([100, 200, 400, 1500]);
  return random.chance(0.5) ? nested(depth, '[', ']') : nested(depth, '{"a":[', ']}');
};
const within = (inner: string) => (random: Random, json: string) => {
  const places = [
    `"${CANARY}":`,
    '"variables_fields":',
    '"custom_metadata":',
    '"from_number":[1,{"a":',
  ];
  const place = random.pick(places);
  return `${json.slice(0, -1)},${place}${inner}${place.endsWith('"a":') ? '}]' : ''}}`;
};

/** Ways in which text is no JSON, or JSON that must not be taken. Each is given the text of an object. */
export const UNREADABLE: readonly ((random: Random, json: string) => string | Buffer)[] = [
  () => '',
  (random, json) => json.slice(0, random.int(1, json.length - 1)),
  (_, json) => json.replaceAll('"', "'"),
  (_, json) => `${json.slice(0, -1)},}`,
  (_, json) => `${json}${json}`,
  (_, json) => `/* ${CANARY} */${json}`,
  (_, json) => `\ufeff\ufeff${json}`,
  (_, json) => Buffer.from(json, 'utf16le'),
  (_, json) => Buffer.from(`\ufeff${json}`, 'utf16le'),
  (_, json) => `${json}\u0000`,
  (_, json) => Buffer.from(json).toString('base64'),
  (_, json) => `payload=${encodeURIComponent(json)}`,
  (_, json) => `[${json}]`,
  random => random.pick(['null', 'true', '0', '[]', '{}', `"${CANARY}"`, '[[[[', 'undefined', ' ']),
  (_, json) => `${json.slice(0, -1)},"duration":1e999}`,
  (_, json) => `${json.slice(0, -1)},"${CANARY}":NaN}`,
  (_, json) => `${json.slice(0, -1)},"${CANARY}":"\t"}`,
  (_, json) => `${json.slice(0, -1)},"call_id":null}`,
  within(`{"__proto__":{"${CANARY}":true}}`),
  within(`{"constructor":{"prototype":{"${CANARY}":true}}}`),
  (_, json) => `${json.slice(0, -1)},"__proto__":"${CANARY}"}`,
  (random, json) => within(deep(random))(random, json),
  random => deep(random),
];

/** Ways to write the same JSON in other bytes. */
export const REWRITTEN: readonly ((random: Random, json: string) => string | Buffer)[] = [
  (_, json) => json,
  (_, json) => `\ufeff${json}`,
  (_, json) => `\r\n\t ${json}\n`,
  (_, json) => JSON.stringify(JSON.parse(json), null, 2).replaceAll('\n', '\r\n'),
  (_, json) => json.replaceAll('c', '\\u0063'),
  (_, json) => `{"call_id":5,"${CANARY}":[],${json.slice(1, -1)},"${CANARY}":[]}`,
  // Not UTF-8 within a text: it is read as U+FFFD.
  (_, json) =>
    Buffer.concat([
      Buffer.from(`${json.slice(0, -1)},"summary":"${CANARY}`),
      Buffer.from([0xff, 0xc3, 0x28, 0xe2, 0x82, 0xed, 0xa0, 0x80]),
      Buffer.from(`"}`),
    ]),
];
