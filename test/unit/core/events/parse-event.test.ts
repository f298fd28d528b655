import 'reflect-metadata';
import { instanceToPlain, plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import fc from 'fast-check';
import {
  CallEndedDto,
  CustomVariableDto,
  RevragPayloadError,
  TranscriptMessageDto,
  TranscriptionDto,
  type Violation,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { CALL_ENDED_FIELDS } from '../../../../lib/core/events/call-ended.fields.js';
import { parseEvent } from '../../../../lib/core/events/parse-event.js';
import { SAMPLE } from '../../../support/sample.js';
import { verified } from '../../../support/verified.js';
import { holds } from '../../../support/holds.js';

const parse = (body: Buffer | string | object, type?: string) =>
  parseEvent(verified(body, { type }));
const parseStrictly = (body: Buffer | string | object, type?: string) =>
  parseEvent(verified(body, { type }), { strict: true });
const call = (body: Buffer | string | object) => parse(body).payload as CallEndedDto;
const withFields = (fields: object) => call({ ...callEnded(), ...fields });

function refusal(body: Buffer | string | object, type?: string, read = parse): RevragPayloadError {
  try {
    read(body, type);
  } catch (error) {
    expect(error).toBeInstanceOf(RevragPayloadError);
    return error as RevragPayloadError;
  }
  throw new Error('the payload was accepted');
}
/** What is said of a payload; the same whether it is refused for that or not. */
function violations(fields: object): readonly Violation[] {
  const payload = { ...callEnded(), ...fields };
  const strict = refusal(payload, undefined, parseStrictly).violations;
  let lenient: readonly Violation[];
  try {
    lenient = parse(payload).delivery.violations;
  } catch (error) {
    lenient = (error as RevragPayloadError).violations;
  }
  expect(lenient).toEqual(strict);
  return lenient;
}
const paths = (fields: object) => violations(fields).map(({ path }) => path);

/** Text that must never come back. */
const PERSONAL = 'my PIN is 4711';

describe("the page's own sample", () => {
  it('passes unchanged', () => {
    expect(JSON.parse(JSON.stringify(call(SAMPLE)))).toEqual({
      ...(JSON.parse(SAMPLE.toString()) as object),
      extra: {},
    });
    expect(parseStrictly(SAMPLE).delivery.violations).toEqual([]);
  });

  it('is what callEnded() gives, but for the call id', () => {
    const sample = JSON.parse(SAMPLE.toString()) as { call_id: string };
    expect(callEnded({ call_id: sample.call_id })).toEqual(sample);
  });

  it('arrives as instances, also within', () => {
    const payload = call(SAMPLE);
    expect(payload).toBeInstanceOf(CallEndedDto);
    expect(payload.transcription).toBeInstanceOf(TranscriptionDto);
    expect(payload.transcription?.messages[0]).toBeInstanceOf(TranscriptMessageDto);
    expect(payload.custom_variables?.[0]).toBeInstanceOf(CustomVariableDto);
    expect(payload.custom_variables?.[0]?.value).toBe(true);
  });
});

describe('a payload of call.ended', () => {
  it('may be of a campaign call: unknown fields are kept as they came, in `extra`', () => {
    const unknown = {
      from_number: '+911234567890',
      custom_metadata: { any: ['key', { deep: [1, null] }] },
      extra: { extra: 1 },
    };
    const payload = withFields({ ...unknown, app_user_id: undefined });
    expect(payload.extra).toEqual(unknown);
    expect(payload).not.toHaveProperty('from_number');
    expect(payload.app_user_id).toBeUndefined();
    expect((JSON.parse(JSON.stringify(payload)) as CallEndedDto).extra).toEqual(unknown);
    expect(instanceToPlain(payload)).not.toHaveProperty('extra');
  });

  it('of a campaign may spell its variables as that API does', () => {
    const others = { ...callEnded(), variables_fields: undefined };
    const variable_fields = { plan: 'gold' };
    const alone = call({ ...others, variable_fields });
    expect([alone.variables_fields, alone.extra]).toEqual([variable_fields, {}]);
    const both = call({ ...others, variables_fields: { plan: 'silver' }, variable_fields });
    expect([both.variables_fields, both.extra]).toEqual([{ plan: 'silver' }, { variable_fields }]);
    const text = parse({ ...others, variable_fields: 'gold' });
    expect(text.payload).toMatchObject({ extra: { variable_fields: 'gold' } });
    expect(text.delivery.violations).toEqual([]);
    const unnamed = parse({ ...others, summary: undefined, undefined: { plan: 'gold' } });
    expect(unnamed.payload).toMatchObject({ extra: { undefined: { plan: 'gold' } } });
    expect(unnamed.delivery.violations).toEqual([]);
  });

  it('may lack whatever is not promised for every call', () => {
    const bare = { call_status: 'FAILED', call_id: 'call_4', agent_id: 'agent_1' };
    expect({ ...call(bare) }).toEqual({ ...bare, extra: {} });
  });

  it('has its fields in the order of the contract, and the unknown ones as they came', () => {
    const fields = Object.entries({ zone: 'x', ...callEnded(), area: { deep: [] } }).reverse();
    const payload = call(Object.fromEntries(fields));
    expect(Object.keys(payload)).toEqual([...Object.keys(CALL_ENDED_FIELDS), 'extra']);
    expect(Object.keys(payload.extra)).toEqual(['area', 'zone']);
  });

  it('may be null where the contract says so, and stays null', () => {
    const nulls = {
      summary: null,
      start_time: null,
      end_time: null,
      duration: null,
      disconnection_reason: null,
      recording_url: null,
      transcription: null,
      custom_variables: null,
      variables_fields: null,
      app_user_id: null,
    };
    expect(withFields(nulls)).toMatchObject(nulls);
  });

  it('may have ids of any form', () => {
    for (const id of ['agent_123e4567', '33333333-3333-3333-3333-333333333333', '4', 'ऋ']) {
      expect(withFields({ agent_id: id, call_id: id })).toMatchObject({ agent_id: id });
    }
  });

  it('may start with a byte order mark, hold emoji and bytes that are not UTF-8 [pitfall 1]', () => {
    const json = JSON.stringify(callEnded({ summary: '💳 ऋण' }));
    expect(call(Buffer.from(`\ufeff${json}`)).summary).toBe('💳 ऋण');
    const [head, tail] = JSON.stringify(callEnded({ summary: '@' })).split('@') as [string, string];
    const broken = Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(tail)]);
    expect(call(broken).summary).toBe('\ufffd');
  });

  it('keeps further fields of transcription and messages', () => {
    const transcription = { language: 'hi', messages: [{ role: 'user', content: '', at: 1.5 }] };
    expect(JSON.parse(JSON.stringify(withFields({ transcription }).transcription))).toEqual(
      transcription,
    );
  });

  it('with a transcription without messages has none', () => {
    expect(withFields({ transcription: {} }).transcription?.messages).toEqual([]);
    expect(withFields({ transcription: { messages: null } }).transcription?.messages).toEqual([]);
  });
});

describe('violations', () => {
  it.each([
    ['call_id', [undefined, null, '', 7]],
    ['agent_id', [undefined, null, '', {}]],
    ['call_status', [undefined, null, '', true]],
    ['summary', [1, {}, []]],
    ['start_time', ['yesterday', 1, true, '2026-13-45']],
    ['end_time', ['', false]],
    ['duration', ['72', true, {}]],
    ['disconnection_reason', [1]],
    ['recording_url', [{}]],
    ['transcription', [[], 'text', 1]],
    ['transcription.messages', ['text', {}].map(messages => ({ messages }))],
    ['custom_variables', [{}, 'text', 1]],
    ['variables_fields', [[], 'text', 1]],
    ['app_user_id', [12345]],
  ])('name %s [pitfall 23]', (path, values) => {
    const [field] = path.split('.') as [string];
    for (const value of values) expect(paths({ [field]: value })).toEqual([path]);
  });

  it('tell which message and which variable', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: '', content: 'b' },
      { role: 'user', content: null },
      'text',
      [],
      null,
    ];
    expect(paths({ transcription: { messages } })).toEqual([
      'transcription.messages[1].role',
      'transcription.messages[2].content',
      'transcription.messages[3]',
      'transcription.messages[4]',
      'transcription.messages[5]',
    ]);
    const custom_variables = [{ key: 'a', value: 1 }, { value: 2 }, { key: 'b', type: 3 }];
    expect(paths({ custom_variables })).toEqual([
      'custom_variables[1].key',
      'custom_variables[2].type',
    ]);
    expect(paths({ custom_variables: [[]] })).toEqual(['custom_variables[0]']);
  });

  it('of a payload come all together', () => {
    expect(
      paths({ call_id: 1, duration: 'x', transcription: { messages: [{ role: 1, content: 2 }] } }),
    ).toEqual([
      'call_id',
      'duration',
      'transcription.messages[0].role',
      'transcription.messages[0].content',
    ]);
  });

  it('are capped, and the rest is counted', () => {
    const messages = Array.from({ length: 4000 }, () => ({ role: 'user' }));
    const found = violations({ transcription: { messages } });
    expect(
      Object.isFrozen(parse({ ...callEnded(), transcription: { messages } }).delivery.violations),
    ).toBe(true);
    expect(found).toHaveLength(51);
    expect(found[50]).toEqual({ path: '', message: 'and 3950 more violations' });
  });

  it('never hold a value, a name or a text of the payload [pitfall 25]', () => {
    const bad = {
      call_id: { [PERSONAL]: PERSONAL },
      start_time: PERSONAL,
      [PERSONAL]: { ['__proto__']: PERSONAL, constructor: { prototype: PERSONAL } },
      transcription: { messages: [{ role: 1, content: [PERSONAL], [PERSONAL]: 1 }] },
      custom_variables: [{ key: 1, value: PERSONAL, [PERSONAL]: PERSONAL }],
      variables_fields: PERSONAL,
    };
    const error = refusal({ ...callEnded(), ...bad });
    const readable = { ...bad, call_id: 'call_1', summary: [PERSONAL], [PERSONAL]: 1 };
    const { delivery } = parse({ ...callEnded(), ...readable });
    expect(delivery.violations.length).toBeGreaterThan(4);
    expect(JSON.stringify(delivery.violations)).not.toContain('4711');
    for (const text of [
      error.message,
      error.stack,
      JSON.stringify(error),
      JSON.stringify(error.getResponse()),
    ]) {
      expect(text).not.toContain('4711');
    }
    expect(error.cause).toBeUndefined();
  });

  it.each([[[]], ['text'], [null], [7], [true]])('find that %j is no object', body => {
    const error = refusal(JSON.stringify(body));
    expect(error.violations).toEqual([{ path: '', message: 'must be an object' }]);
  });
});

describe('a payload that breaks the contract', () => {
  const odd = {
    ...callEnded(),
    call_status: 7,
    agent_id: '',
    summary: { text: 'x' },
    start_time: 'yesterday',
    end_time: '',
    duration: '72',
    disconnection_reason: [],
    recording_url: 1,
    transcription: {
      messages: [
        { role: 'tool', content: null, name: 'lookup' },
        { content: 'Hi' },
        'text',
        null,
        [],
        { role: 'user', content: 'Hello' },
      ],
    },
    custom_variables: [{ key: 'a', type: 1, value: 2 }, { value: 3 }, 'text', { key: 'b' }],
    variables_fields: ['x'],
    app_user_id: 12345,
  };

  it('arrives all the same, with null for what is of the wrong type [pitfall 44]', () => {
    const { payload, delivery } = parse(odd);
    expect(payload).toEqual(
      Object.assign(new CallEndedDto(), {
        call_status: null,
        call_id: odd.call_id,
        agent_id: null,
        summary: null,
        start_time: null,
        end_time: null,
        duration: null,
        disconnection_reason: null,
        recording_url: null,
        transcription: {
          messages: [
            { role: 'tool', content: null, name: 'lookup' },
            { role: null, content: 'Hi' },
            { role: 'user', content: 'Hello' },
          ],
        },
        custom_variables: [{ key: 'a', type: null, value: 2 }, { key: 'b' }],
        variables_fields: null,
        app_user_id: null,
        extra: {},
      }),
    );
    expect(delivery.violations.map(({ path }) => path)).toEqual([
      'call_status',
      'agent_id',
      'summary',
      'start_time',
      'end_time',
      'duration',
      'disconnection_reason',
      'recording_url',
      'transcription.messages[0].content',
      'transcription.messages[1].role',
      'transcription.messages[2]',
      'transcription.messages[3]',
      'transcription.messages[4]',
      'custom_variables[0].type',
      'custom_variables[1].key',
      'custom_variables[2]',
      'variables_fields',
      'app_user_id',
    ]);
    expect(delivery.rawBody.toString()).toBe(JSON.stringify(odd));
  });

  it.each([
    ['transcription', [{ role: 'user', content: 'Hi' }], null],
    ['transcription', { messages: 'text', language: 'hi' }, { messages: [], language: 'hi' }],
    ['custom_variables', { a: 1 }, null],
  ])('has %s %j as %j', (field, sent, seen) => {
    const { payload, delivery } = parse({ ...callEnded(), [field]: sent });
    expect((payload as Record<string, unknown>)[field]).toEqual(seen);
    expect(delivery.violations).toHaveLength(1);
  });

  it('lacks what it lacks, and what is promised for every call is null then', () => {
    const { payload, delivery } = parse({ call_id: 'call_1' });
    expect({ ...(payload as object) }).toEqual({
      call_status: null,
      call_id: 'call_1',
      agent_id: null,
      extra: {},
    });
    expect(delivery.violations.map(({ path }) => path)).toEqual(['call_status', 'agent_id']);
  });

  it.each([undefined, null, '', 7, {}])('is refused with call_id %j, even leniently', call_id => {
    const error = refusal({ ...odd, call_id });
    expect(error.violations).toContainEqual({
      path: 'call_id',
      message: 'must be a non-empty string',
    });
  });

  it('is refused strictly', () => {
    const error = refusal({ ...callEnded(), duration: '72' }, undefined, parseStrictly);
    expect(error).toMatchObject({ code: 'invalid_payload' });
    expect(error.message).toContain('one place');
  });

  it('is refused for a hazard in a value that would be dropped', () => {
    const hazard = '{"constructor":{"prototype":1}}';
    const json = JSON.stringify(callEnded({ summary: '@' })).replace('"@"', hazard);
    expect(refusal(json).violations).toEqual([
      { path: 'summary', message: 'must not hold a key constructor.prototype' },
    ]);
  });

  it('holds the types that handlers see, whatever was sent [pitfall 44]', async () => {
    const text = fc.oneof(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }));
    const payloads = fc.dictionary(
      fc.constantFrom(...Object.keys(CALL_ENDED_FIELDS)),
      fc.oneof(
        text,
        fc.record({ messages: fc.array(fc.oneof(text, fc.record({ role: text, content: text }))) }),
        fc.array(fc.oneof(text, fc.record({ key: text, type: text, value: text }))),
      ),
    );
    await holds(
      fc.property(payloads, payload => {
        let seen: CallEndedDto;
        try {
          seen = call({ ...payload, call_id: 'call_1' });
        } catch (error) {
          // A hazard that fast-check came upon.
          expect((error as RevragPayloadError).code).toBe('invalid_payload');
          return;
        }
        seen.call_status ??= 'ENDED';
        seen.agent_id ??= 'agent_1';
        for (const message of seen.transcription?.messages ?? []) {
          message.role ??= 'user';
          message.content ??= '';
        }
        expect(validateSync(seen)).toEqual([]);
      }),
      1000,
    );
  });
});

describe('JSON that can not be read', () => {
  it.each([
    ['cut short', `{"summary":"${PERSONAL}`, 'The body is not valid JSON (near character 26).'],
    ['text', PERSONAL, 'The body is not valid JSON.'],
    [
      'with a stray character',
      `{"summary":"${PERSONAL}",}`,
      'The body is not valid JSON (near character 28).',
    ],
    ['empty', '', 'The body is empty.'],
  ])('%s is malformed, and not quoted [pitfall 25]', (_name, body, message) => {
    const error = refusal(body);
    expect(error).toMatchObject({ code: 'malformed_json', violations: [], message });
    expect(error.getStatus()).toBe(400);
    expect(`${error.message}${error.stack ?? ''}`).not.toContain('4711');
    expect(error.cause).toBeUndefined();
  });
});

describe('the position of a mistake', () => {
  it('is counted from the beginning of the body', () => {
    const text = JSON.stringify(callEnded());
    const place = text.lastIndexOf('"role"');
    const body = `${text.slice(0, place)}!${text.slice(place)}`;
    expect(refusal(body).message).toContain(`(near character ${place})`);
  });

  it.each(['at position 4711', 'x in JSON at position 4711', '"x in JSON at position 4711'])(
    'never comes from the payload: %s',
    text => {
      for (const body of [text, `{"a":1}${text}`, `[${text}`, `{"a":"b" ${text}`]) {
        expect(refusal(body).message).not.toContain('4711');
      }
    },
  );
});

describe('hostile JSON [pitfall 24]', () => {
  const nested = (depth: number, open = '[', close = ']') =>
    open.repeat(depth) + close.repeat(depth);
  const base = JSON.stringify(callEnded()).slice(0, -1);

  it.each([
    ['an unknown field', (json: string) => `${base},"x":${json}}`],
    ['variables_fields', (json: string) => `${base},"variables_fields":{"a":${json}}}`],
    [
      'custom_variables',
      (json: string) => `${base},"custom_variables":[{"key":"k","value":${json}}]}`,
    ],
    ['transcription', (json: string) => `${base},"transcription":{"x":${json},"messages":[]}}`],
    [
      'a message',
      (json: string) =>
        `${base},"transcription":{"messages":[{"role":"u","content":"","x":${json}}]}}`,
    ],
  ])('in %s is refused without a stack overflow', (_name, put) => {
    for (const depth of [100, 9_000, 100_000]) {
      expect(refusal(put(nested(depth))).code).toBe('invalid_payload');
    }
    expect(refusal(put(nested(50_000, '{"a":', '}').replace('{"a":}', '{"a":1}'))).code).toBe(
      'invalid_payload',
    );
    expect(() => parse(put(nested(20)))).not.toThrow();
    expect(refusal(put('{"__proto__":{"admin":true}}')).code).toBe('invalid_payload');
    expect(refusal(put('{"constructor":{"prototype":{"admin":true}}}')).code).toBe(
      'invalid_payload',
    );
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it.each([
    ['transcription', { transcription: { x: '@', messages: [] } }],
    [
      'transcription.messages[0]',
      { transcription: { messages: [{ role: 'u', content: '', x: '@' }] } },
    ],
    ['custom_variables[0]', { custom_variables: [{ key: 'k', value: '@' }] }],
    ['variables_fields', { variables_fields: { a: '@' } }],
    ['summary', { summary: '@' }],
    ['', { from_number: '@' }],
  ])('names the place without a name that the sender chose: "%s"', (path, fields) => {
    const hazard = '{"constructor":{"prototype":1}}';
    const json = JSON.stringify(callEnded(fields)).replace('"@"', hazard);
    expect(refusal(json).violations).toContainEqual({
      path,
      message: 'must not hold a key constructor.prototype',
    });
  });

  it.each([
    ['lists', (levels: number) => nested(levels)],
    ['objects', (levels: number) => nested(levels, '{"a":', '}').replace('{"a":}', '{"a":null}')],
    ['texts', (levels: number) => nested(levels).replace('[]', '["text"]')],
  ])('is nested deeper than 64 levels, in %s', (_name, json) => {
    const tooDeep = [{ path: '', message: 'must not be nested deeper than 64 levels' }];
    expect(() => parse(json(64), 'some.type')).not.toThrow();
    expect(refusal(json(65), 'some.type').violations).toEqual(tooDeep);
    // A field is one level down.
    expect(() => parse(`${base},"x":${json(63)}}`)).not.toThrow();
    expect(refusal(`${base},"x":${json(64)}}`).violations).toEqual(tooDeep);
  });

  it('is found behind what is harmless', () => {
    for (const json of [
      '[{"a":1},[],"text",null,{"__proto__":1}]',
      '{"a":{"b":[]},"__proto__":1}',
    ]) {
      expect(refusal(json, 'some.type').violations).toEqual([
        { path: '', message: 'must not hold a key __proto__' },
      ]);
    }
  });

  it('at the top is refused', () => {
    expect(refusal(`${base},"__proto__":{"call_id":"x"}}`).code).toBe('invalid_payload');
    expect(refusal(nested(100_000), 'some.type').code).toBe('invalid_payload');
    expect(refusal('{"__proto__":1}', 'some.type').code).toBe('invalid_payload');
  });

  it('is not mistaken for a word that happens to be a key', () => {
    const fields = { constructor: 'ACME Builders', prototype: 1, toString: 'x' };
    const variable = { key: 'k', value: fields, ...fields };
    const payload = withFields({
      ...fields,
      variables_fields: fields,
      custom_variables: [variable],
    });
    expect({ ...payload }).toMatchObject({ extra: fields, variables_fields: fields });
    expect({ ...payload.custom_variables?.[0] }).toEqual(variable);
  });
});

describe('an event of a type that is not known', () => {
  it('keeps its payload as parsed', () => {
    for (const payload of [{ call_id: 1 }, [1, 2], 'text', null, 7]) {
      expect(parse(JSON.stringify(payload), 'call.started')).toMatchObject({
        type: 'call.started',
        payload,
      });
    }
  });
});

describe('the checks made by hand', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom(undefined, null, '', 0, true, [], {}),
  );
  const junk = fc.constantFrom(null, 'text', 1, [], {});
  const message = fc.oneof(fc.record({ role: value, content: value }), junk);
  const transcription = fc.record({
    messages: fc.oneof(fc.array(message, { maxLength: 4 }), junk),
  });
  const variable = fc.oneof(fc.record({ key: value, type: value, value }), junk);

  /** Whether two ways agree on a payload: the parser's, and the classes' decorators. */
  const expectAgreement = (fields: object) => {
    const plain = JSON.parse(JSON.stringify({ ...callEnded(), ...fields })) as JsonFields;
    let accepted = true;
    try {
      parseStrictly(plain);
    } catch {
      accepted = false;
    }
    expect(parse(plain).delivery.violations.length === 0).toBe(accepted);
    // Kinder than the decorators on purpose: a transcription may come without messages.
    const { transcription } = plain;
    const isObject = typeof transcription === 'object' && !Array.isArray(transcription);
    if (isObject && transcription) transcription.messages ??= [];
    const errors = validateSync(plainToInstance(CallEndedDto, plain));
    expect(accepted).toBe(errors.length === 0);
  };
  type JsonFields = { transcription?: { messages?: unknown } };

  it('agree with the decorators of the classes', async () => {
    await holds(
      fc.property(
        fc.oneof(transcription, fc.constantFrom(null, 'text', 1, [])),
        fc.oneof(fc.array(variable, { maxLength: 3 }), fc.constantFrom(null, 'text', 1, {})),
        (transcription, custom_variables) => {
          expectAgreement({ transcription });
          expectAgreement({ custom_variables });
        },
      ),
      1000,
    );
  });
});
