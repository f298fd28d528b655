import 'reflect-metadata';
import fc from 'fast-check';
import { RevragPayloadError } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { parseJsonInParts } from '../../../../lib/core/events/json-in-parts.js';
import { parseJson } from '../../../../lib/core/events/parse-json.js';
import { RawBytes } from '../../../../lib/core/common/raw-bytes.js';

const READ_BYTES = 64 * 1024;
const LARGE_BYTES = 150_000;

/** As a body comes in from a socket, or by reads of other sizes. */
function inPieces(body: Buffer, sizes: readonly number[] = [READ_BYTES]): RawBytes {
  const pieces: Buffer[] = [];
  for (let from = 0; from < body.length;) {
    const end = from + (sizes[pieces.length % sizes.length] ?? READ_BYTES);
    pieces.push(body.subarray(from, end));
    from = end;
  }
  return new RawBytes(pieces, body.length);
}

/** Messages of some hundred bytes, until they make a large body. */
function manyMessages(contents: readonly string[] = ['Which papers do you need from me?']) {
  const messages: { role: string; content: string }[] = [];
  for (let bytes = 0; bytes < LARGE_BYTES;) {
    const content = `${messages.length} ${contents[messages.length % contents.length]} `.repeat(5);
    bytes += Buffer.byteLength(content) + 32;
    messages.push({ role: messages.length % 2 ? 'user' : 'assistant', content });
  }
  return messages;
}

const eventWith = (messages: readonly unknown[], fields: object = {}) => ({
  ...callEnded(),
  transcription: { messages },
  ...fields,
});

/** What JSON.parse makes of it, with the order of its keys; undefined where it is no JSON. */
function wholeOf(body: Buffer): string | undefined {
  try {
    return JSON.stringify(JSON.parse(body.toString('utf8').replace(/^\uFEFF/, '')));
  } catch {
    return undefined;
  }
}

const partsOf = (body: Buffer, sizes?: readonly number[]) => {
  const value = parseJsonInParts(inPieces(body, sizes));
  return value === undefined ? undefined : JSON.stringify(value);
};

describe('a large event', () => {
  const event = eventWith(manyMessages());
  const { transcription, ...others } = event;
  const hindi = eventWith(manyMessages(['ऋण के लिए कौन से दस्तावेज़ चाहिए?']));
  it.each([
    ['as RevRag sends it', JSON.stringify(event)],
    ['of Hindi', JSON.stringify(hindi)],
    ['of Hindi in escapes', JSON.stringify(hindi).replace(/[^\0-~]/g, escapeOf)],
    ['with indentation', JSON.stringify(event, null, 2)],
    [
      'with a space after each comma and colon',
      JSON.stringify(event, null, 1).replace(/\n */g, ' '),
    ],
    ['with a byte order mark', `\uFEFF${JSON.stringify(event)}`],
    [
      'with brackets in its text',
      JSON.stringify(
        eventWith(manyMessages(['[inaudible] {1}, [2]', ...Array<string>(5).fill('Yes.')])),
      ),
    ],
    ['whose transcript comes last', JSON.stringify({ ...others, transcription })],
  ])('%s is parsed in parts to the same value', (_name, text) => {
    const body = Buffer.from(text);
    const whole = wholeOf(body);
    expect(whole).toBeDefined();
    expect(partsOf(body)).toBe(whole);
    expect(partsOf(body, [40_000, 17_000, 66_000])).toBe(whole);
    expect(JSON.stringify(parseJsonInParts(body))).toBe(whole);
  });
});

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

describe('what has to be parsed as a whole', () => {
  const messages = manyMessages();
  const large = 'x'.repeat(LARGE_BYTES);
  it.each([
    ['a small event', callEnded()],
    ['one without messages', { ...callEnded(), transcription: null, large }],
    ['one with an empty list', { ...eventWith([]), large }],
    ['one large message', eventWith([{ role: 'user', content: large }])],
    ['messages elsewhere', { call: { messages } }],
    ['messages elsewhere first', { a: { messages: [{}] }, ...eventWith(messages) }],
    ['a long summary after the transcript', eventWith(messages, { z: large })],
    ['a long summary before it', { a: large, ...eventWith(messages) }],
    ['lists of objects in messages', eventWith(messages.map(one => ({ ...one, parts: [{}, {}] })))],
    ['texts', messages.map(({ content }) => content)],
  ])('%s is', (_name, payload) => {
    const body = Buffer.from(JSON.stringify(payload));
    expect(partsOf(body)).toBeUndefined();
    expect(JSON.stringify(parseJson(inPieces(body)))).toBe(wholeOf(body));
  });

  it.each(['};{', '}:{', '} {', '}{', '},,{', '},'])('%s between messages is', between => {
    const text = JSON.stringify(eventWith(messages)).replaceAll('},{', between);
    const body = Buffer.from(text);
    expect(partsOf(body)).toBeUndefined();
    expect(() => parseJson(inPieces(body))).toThrow(RevragPayloadError);
  });

  it('tells where a mistake is, counted from the beginning of the body', () => {
    const text = JSON.stringify(eventWith(messages));
    const place = text.lastIndexOf('"role"');
    const body = Buffer.from(`${text.slice(0, place)}!${text.slice(place)}`);
    expect(() => parseJson(inPieces(body))).toThrow(`(near character ${place})`);
  });
});

/** Texts and pieces of JSON that could be taken for something that they are not. */
const TRAPS = [
  '},{',
  '}, {',
  '"}]',
  '}]',
  ']',
  '\\',
  '\\"',
  '"',
  '[{',
  '"messages":[',
  '"messages":[{}]',
  '\u2028',
  'ऋ',
  '💳',
];

describe('any bytes', () => {
  const trap = fc.constantFrom(...TRAPS);
  const text = fc
    .array(fc.oneof(trap, fc.string({ maxLength: 20 })), { maxLength: 6 })
    .map(all => all.join(''));
  const value: fc.Arbitrary<unknown> = fc.oneof(
    text,
    fc.jsonValue(),
    fc.constant([{ messages: [{}, {}] }]),
  );
  const fields = (...names: string[]) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant({}) },
      fc.dictionary(fc.constantFrom(...names), value),
    );
  const sometimes = <T>(usual: T, otherwise: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, otherwise);
  const payload = fc
    .record({
      contents: sometimes(['Which papers?'], fc.array(text, { minLength: 1, maxLength: 4 })),
      odd: sometimes([], fc.array(fc.record({ place: fc.nat(), value }), { maxLength: 3 })),
      before: fields('messages', 'a', '__proto__', 'transcription'),
      beside: fields('messages', 'b', '__proto__'),
      after: fields('messages', 'c', 'custom_variables', 'transcription'),
      indent: fc.constantFrom(0, 0, 1),
    })
    .map(({ contents, odd, before, beside, after, indent }) => {
      const messages: unknown[] = manyMessages(contents);
      for (const { place, value: other } of odd) messages.splice(place % messages.length, 0, other);
      // Put together by hand, so that a key may come twice.
      const members = (of: object) => JSON.stringify(of, null, indent).trim().slice(1, -1);
      const join = (...all: string[]) => `{${all.filter(Boolean).join(',')}}`;
      const transcription = join(members({ messages }), members(beside));
      return join(members(before), `"transcription":${transcription}`, members(after));
    });
  const sizes = fc.array(fc.integer({ min: 16_000, max: 70_000 }), { minLength: 1, maxLength: 3 });
  const edit = fc.record({
    place: fc.nat(),
    cut: fc.nat({ max: 3 }),
    put: fc.oneof(trap, fc.constantFrom('', ',', '{', '}', '[', ' ', '0')),
  });

  function edited(
    body: Buffer,
    edits: readonly { place: number; cut: number; put: string }[],
  ): Buffer {
    for (const { place, cut, put } of edits) {
      const at = place % (body.length + 1);
      body = Buffer.concat([body.subarray(0, at), Buffer.from(put), body.subarray(at + cut)]);
    }
    return body;
  }

  it('mean in parts what they mean as a whole', () => {
    const seen = { inParts: 0, valid: 0, invalid: 0 };
    fc.assert(
      fc.property(payload, sizes, fc.array(edit, { maxLength: 2 }), (json, cuts, edits) => {
        const body = edited(Buffer.from(json), edits);
        const whole = wholeOf(body);
        const parts = partsOf(body, cuts);
        if (parts !== undefined) expect(parts).toBe(whole);
        seen.inParts += parts === undefined ? 0 : 1;
        seen[whole === undefined ? 'invalid' : 'valid'] += 1;
      }),
      { numRuns: 400 },
    );
    // Else the property would hold for nothing.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });
});
