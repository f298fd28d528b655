import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { diagnose, type DiagnoseInput } from '../../../lib/cli/verify/diagnose.js';
import type { CauseCode } from '../../../lib/cli/verify/cause.js';
import { SECRET } from '../../support/app.js';
import { SAMPLE } from '../../support/sample.js';

const NOW = new Date('2026-06-01T12:00:00Z');
const SECONDS = NOW.getTime() / 1000;

/** A payload with all that serialisers treat differently. */
const PAYLOAD = callEnded({
  summary: 'नमस्ते <b>&</b> café 😀 a/b "quoted"\n\u007f',
  custom_variables: [],
  custom_metadata: { z: {}, a: [1, [], 2.5] },
});
const COMPACT = JSON.stringify(PAYLOAD);
/** What Python's json.dumps() makes of it: made here with rules of its own, apart from the library's. */
const PYTHON = pythonDumps(PAYLOAD);

interface Case {
  /** What was signed. */
  readonly signed?: Buffer | string;
  /** What was captured. */
  readonly body?: Buffer | string;
  readonly signedWith?: string;
  readonly secrets?: readonly string[];
  readonly headers?: Record<string, string | undefined>;
  readonly at?: Date;
  readonly tolerance?: number;
}

function run(given: Case) {
  const { signed = SAMPLE, body = signed, signedWith = SECRET, secrets = [SECRET] } = given;
  const delivery = signDelivery({ secret: signedWith, body: signed, timestamp: NOW, id: 'evt_1' });
  const headers = Object.entries({ ...delivery.headers, ...given.headers });
  const input: DiagnoseInput = {
    request: {
      headers: Object.fromEntries(headers.filter(([, value]) => value !== undefined)),
      body: Buffer.from(body),
    },
    secrets,
    at: 'at' in given ? given.at : NOW,
    now: NOW,
    tolerance: given.tolerance ?? 300,
  };
  return diagnose(input);
}

const codes = (given: Case): CauseCode[] => run(given).causes.map(({ code }) => code);
const statuses = (given: Case) =>
  Object.fromEntries(run(given).checks.map(({ name, status }) => [name, status]));

describe('diagnose', () => {
  it('finds nothing wrong with what is genuine', () => {
    expect(run({}).authentic).toBe(true);
    expect(codes({})).toEqual([]);
    expect(statuses({})).toEqual({
      headers: 'pass',
      signature: 'pass',
      timestamp: 'pass',
      payload: 'pass',
    });
  });

  describe('a body that was parsed and serialised again', () => {
    const sorted = JSON.stringify(PAYLOAD, (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
    it.each([
      ['compact, captured pretty', COMPACT, JSON.stringify(PAYLOAD, null, 2)],
      ['pretty with 2, captured compact', JSON.stringify(PAYLOAD, null, 2), COMPACT],
      ['pretty with 4, captured compact', JSON.stringify(PAYLOAD, null, 4), COMPACT],
      ['pretty with tabs, captured compact', JSON.stringify(PAYLOAD, null, '\t'), COMPACT],
      ['by Python, captured compact', PYTHON, COMPACT],
      ['by Python, captured pretty', PYTHON, JSON.stringify(PAYLOAD, null, 2)],
      ['compact, captured as Python writes', COMPACT, PYTHON],
      ['with sorted keys, captured with its own', sorted, COMPACT],
      ['with escaped slashes', COMPACT.replaceAll('/', '\\/'), COMPACT],
      ['by Go', COMPACT.replace(/[<>&]/g, c => `\\u00${c.charCodeAt(0).toString(16)}`), COMPACT],
      ['once, captured as a JSON string', COMPACT, JSON.stringify(COMPACT)],
      ['with 72.0, captured as 72', '{"duration":72.0,"n":3}', '{"duration":72,"n":3}'],
      ['by Python with 72.0, captured compact', PYTHON.replace('72', '72.0'), COMPACT],
      ['with 72, captured as 72.0', '{"duration":72}', '{"duration":72.0}'],
      [
        'by Python with floats only',
        '{"a": 1.0, "b": [-2.0, 0.0], "c": 1e-05, "d": 1e+16}',
        '{"a":1,"b":[-2,0],"c":0.00001,"d":10000000000000000}',
      ],
      ['sorted by Python with 72.0', '{"a": 1, "b": 72.0}', '{"b":72,"a":1}'],
      ['with 72.0, captured pretty', '{"duration":72.0}', '{\n  "duration": 72.0\n}'],
    ])('%s', (_what, signed, body) => {
      const { authentic, causes } = run({ signed, body });
      expect(authentic).toBe(false);
      expect(causes).toMatchObject([{ code: 'body_reserialised', proven: true }]);
    });
  });

  it.each<[string, CauseCode, Case]>([
    ['a line feed added', 'body_trailing_newline', { signed: COMPACT, body: `${COMPACT}\n` }],
    ['a CRLF added', 'body_trailing_newline', { signed: COMPACT, body: `${COMPACT}\r\n` }],
    ['a line feed lost', 'body_trailing_newline', { signed: `${COMPACT}\n`, body: COMPACT }],
    ['spaces added', 'body_trailing_newline', { signed: COMPACT, body: `  ${COMPACT} \n\n` }],
    ['CRLF for LF', 'body_line_ends', { body: SAMPLE.toString().replaceAll('\n', '\r\n') }],
    [
      'LF for CRLF',
      'body_line_ends',
      { signed: SAMPLE.toString().replaceAll('\n', '\r\n'), body: SAMPLE },
    ],
    ['a mark added', 'body_mark', { signed: COMPACT, body: `\ufeff${COMPACT}` }],
    ['a mark lost', 'body_mark', { signed: `\ufeff${COMPACT}`, body: COMPACT }],
    [
      'UTF-8 read as Latin-1',
      'body_not_utf8',
      { signed: COMPACT, body: Buffer.from(COMPACT).toString('latin1') },
    ],
    [
      'UTF-8 written as Latin-1',
      'body_not_utf8',
      { signed: '{"a":"é"}', body: Buffer.from('{"a":"é"}', 'latin1') },
    ],
    ['still in gzip', 'body_encoded', { signed: COMPACT, body: gzipSync(COMPACT) }],
    [
      'still in Base64',
      'body_encoded',
      { signed: COMPACT, body: Buffer.from(COMPACT).toString('base64') },
    ],
  ])('proves a body with %s', (_what, code, given) => {
    expect(run(given).causes).toMatchObject([{ code, proven: true }]);
    expect(run(given).authentic).toBe(false);
  });

  it.each<[string, CauseCode, Case]>([
    ['nothing in it', 'body_empty', { body: '' }],
    [
      'its end cut off',
      'body_length',
      { body: '{"call_id"', headers: { 'content-length': '900' } },
    ],
    ['replaced characters', 'body_not_utf8', { body: '{"a":"\ufffd\ufffd"}' }],
  ])('suspects a body with %s', (_what, code, given) => {
    expect(run(given).causes[0]).toMatchObject({ code, proven: false });
  });

  it.each<[string, CauseCode, string, string]>([
    ['a line feed after it', 'secret_white_space', SECRET, `${SECRET}\n`],
    ['spaces around it', 'secret_white_space', SECRET, `  ${SECRET}\t`],
    ['a line feed at the sender', 'secret_white_space', `${SECRET}\n`, SECRET],
    ['a CRLF at the sender', 'secret_white_space', `${SECRET}\r\n`, SECRET],
    ['quotation marks', 'secret_quotes', SECRET, `"${SECRET}"`],
    ['its variable', 'secret_quotes', SECRET, `REVRAG_WEBHOOK_SECRET='${SECRET}'`],
    ['Base64', 'secret_encoding', SECRET, Buffer.from(SECRET).toString('base64')],
    ['hex', 'secret_encoding', SECRET, Buffer.from(SECRET).toString('hex')],
    ['a prefix', 'secret_encoding', 'abc', 'whsec_abc'],
  ])('proves a secret with %s', (_what, code, signedWith, secret) => {
    const given = { signedWith, secrets: [secret] };
    expect(run(given).causes).toMatchObject([{ code, proven: true }]);
    expect(JSON.stringify(run(given))).not.toContain(SECRET);
  });

  it('proves two changes together: of the body and of the secret', () => {
    const given = { signed: PYTHON, body: COMPACT, secrets: [`${SECRET}\n`] };
    expect(codes(given)).toEqual(['body_reserialised', 'secret_white_space']);
  });

  it('tells which secret of a list it was made with', () => {
    const given = { secrets: ['first', SECRET, 'third'] };
    expect(run(given).authentic).toBe(true);
    expect(run(given).causes).toMatchObject([{ code: 'other_secret' }]);
    expect(run(given).causes[0]!.message).toContain('secret 2 of 3');
    expect(codes({ secrets: [SECRET, 'second'] })).toEqual([]);
  });

  const bare = { 'x-webhook-timestamp': undefined, 'x-webhook-signature': undefined };

  it.each<[string, Case, name: string, check: [status: string, message: string]]>([
    ['one secret', {}, 'signature', ['pass', 'It matches the secret.']],
    ['another', { secrets: ['x'] }, 'signature', ['fail', 'It does not match the secret.']],
    [
      'one of several',
      { secrets: ['x', SECRET] },
      'signature',
      ['pass', 'It matches secret 2 of 2.'],
    ],
    [
      'none of several',
      { secrets: ['x', 'y'] },
      'signature',
      ['fail', 'It does not match any of the 2 secrets.'],
    ],
    [
      'no signature header',
      { headers: { 'x-webhook-signature': undefined } },
      'signature',
      ['fail', 'There is no digest to compare.'],
    ],
    [
      'no time that was signed',
      {
        headers: {
          'x-webhook-timestamp': undefined,
          'x-webhook-signature': `v1=${'0'.repeat(64)}`,
        },
      },
      'signature',
      ['fail', 'There is no digest to compare.'],
    ],
    [
      'no time',
      { headers: bare },
      'timestamp',
      ['fail', 'There is no timestamp in whole seconds.'],
    ],
    [
      'a time in words',
      { headers: { 'x-webhook-timestamp': 'noon' } },
      'timestamp',
      ['fail', 'There is no timestamp in whole seconds.'],
    ],
    ['a time of now', {}, 'timestamp', ['pass', 'Signed 0 s before it was received.']],
    [
      'a time ahead, as of now',
      { at: undefined, headers: { 'x-webhook-timestamp': String(SECONDS + 90_061) } },
      'timestamp',
      [
        'note',
        'Signed 1 d 1 h after it is verified here; 300 s are tolerated, so it is 1 d 56 min too early. ' +
          'Most captures are older; give the time of receipt with --at to check it.',
      ],
    ],
    [
      'a payload with an odd field',
      { signed: JSON.stringify({ ...PAYLOAD, duration: '72' }) },
      'payload',
      ['note', 'It can be read; fields that break the contract are null or left out.'],
    ],
    ['a payload', {}, 'payload', ['pass', 'It can be read.']],
  ])('says of %s what it is', (_what, given, name, [status, message]) => {
    const check = run(given).checks.find(each => each.name === name);
    expect(check).toMatchObject({ status, message });
    if (status === 'note' && name === 'payload') {
      expect(check!.violations).toMatchObject([{ path: 'duration' }]);
    }
  });

  it('gives no cause for a time that cannot be read, but for the headers', () => {
    expect(codes({ headers: bare })).toEqual(['header_missing']);
  });

  it('admits that it does not know', () => {
    expect(codes({ secrets: ['another'] })).toEqual(['unknown']);
    expect(run({ secrets: ['another'] }).causes[0]!.proven).toBe(false);
    expect(codes({ body: SAMPLE.toString().replace('"duration": 72', '"duration": 73') })).toEqual([
      'unknown',
    ]);
  });

  it('survives bodies that are made to break it', () => {
    for (const body of [
      '['.repeat(200_000),
      `${'['.repeat(9000)}${']'.repeat(9000)}`,
      '"'.repeat(999),
    ]) {
      expect(codes({ body })).toContain('unknown');
    }
    const long = JSON.stringify({ text: 'x\\"'.repeat(300_000) });
    expect(codes({ signed: long, body: JSON.stringify(JSON.parse(long), null, 2) })).toEqual([
      'body_reserialised',
    ]);
  });

  describe('timestamps', () => {
    const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

    it('are held against the time of receipt, both ways', () => {
      expect(statuses({ at: at(300) })).toMatchObject({ timestamp: 'pass' });
      expect(statuses({ at: at(-300) })).toMatchObject({ timestamp: 'pass' });
      expect(codes({ at: at(301) })).toEqual(['stale']);
      expect(codes({ at: at(-301) })).toEqual(['clock']);
      expect(run({ at: at(301) }).authentic).toBe(false);
      expect(codes({ at: at(301), tolerance: 600 })).toEqual([]);
    });

    it('are told by how much they are stale', () => {
      const check = run({ at: at(300 + 3780) }).checks.find(({ name }) => name === 'timestamp')!;
      expect(check.message).toBe(
        'Signed 1 h 8 min before it was received; 300 s are tolerated, so it is 1 h 3 min too late.',
      );
    });

    it('are no reason to refuse a capture whose time of receipt nobody knows', () => {
      const old = {
        at: undefined,
        headers: signDelivery({ secret: SECRET, body: SAMPLE, timestamp: SECONDS - 86_400 })
          .headers,
      };
      expect(run(old).authentic).toBe(true);
      expect(statuses(old)).toMatchObject({ timestamp: 'note', signature: 'pass' });
    });

    it('that differ are told, with the one that was signed', () => {
      const given = { headers: { 'x-webhook-timestamp': String(SECONDS + 1) } };
      expect(run(given).authentic).toBe(false);
      expect(statuses(given)).toMatchObject({ headers: 'fail', signature: 'fail' });
      expect(new Set(codes(given))).toEqual(new Set(['timestamp_differs']));
      expect(
        run(given)
          .causes.map(({ message }) => message)
          .join(),
      ).toContain('signed with the t');
    });

    it('in milliseconds are recognised', () => {
      const mac = createHmac('sha256', SECRET)
        .update(`${SECONDS}000.`)
        .update(SAMPLE)
        .digest('hex');
      const headers = {
        'x-webhook-timestamp': `${SECONDS}000`,
        'x-webhook-signature': `t=${SECONDS}000,v1=${mac}`,
      };
      expect(statuses({ headers })).toMatchObject({ headers: 'fail', signature: 'pass' });
      expect(codes({ headers })).toEqual(['timestamp_in_milliseconds']);
    });

    it('that were not signed are recognised', () => {
      for (const prefix of ['', String(SECONDS)]) {
        const mac = createHmac('sha256', SECRET).update(prefix).update(SAMPLE).digest('hex');
        const headers = { 'x-webhook-signature': `t=${SECONDS},v1=${mac}` };
        expect(codes({ headers })).toEqual(['timestamp_not_signed']);
      }
    });
  });

  describe('headers', () => {
    const mac = createHmac('sha256', SECRET).update(`${SECONDS}.`).update(SAMPLE).digest();

    it('that are missing are all named', () => {
      const headers = { 'x-webhook-id': undefined, 'x-webhook-event': '' };
      expect(run({ headers }).authentic).toBe(false);
      expect(codes({ headers })).toEqual(['header_missing']);
      expect(run({ headers }).causes[0]!.message).toContain('x-webhook-event, x-webhook-id');
      expect(statuses({ headers })).toMatchObject({ headers: 'fail', signature: 'pass' });
    });

    it.each([
      ['in upper case', `t=${SECONDS},v1=${mac.toString('hex').toUpperCase()}`, 'pass'],
      ['in Base64', `t=${SECONDS},v1=${mac.toString('base64')}`, 'pass'],
      ['under another name', `t=${SECONDS},sha256=${mac.toString('hex')}`, 'pass'],
      [
        'sent twice',
        `t=${SECONDS},v1=${mac.toString('hex')}, t=${SECONDS},v1=${mac.toString('hex')}`,
        'pass',
      ],
      ['cut', `t=${SECONDS},v1=${mac.toString('hex').slice(0, 40)}`, 'fail'],
    ])('with a digest %s', (_what, signature, status) => {
      const headers = { 'x-webhook-signature': signature };
      expect(run({ headers }).authentic).toBe(false);
      expect(codes({ headers })).toEqual(['digest_format']);
      expect(statuses({ headers })).toMatchObject({ headers: 'fail', signature: status });
    });
  });

  it('reads the payload of what is authentic, and of nothing else', () => {
    const signed = '{"call_status":"ENDED","call_id":7,"agent_id":"a"}';
    const check = run({ signed }).checks.find(({ name }) => name === 'payload')!;
    expect(check).toMatchObject({ status: 'fail', violations: [{ path: 'call_id' }] });
    expect(run({ signed }).authentic).toBe(true);
    expect(statuses({ signed: '{', body: '{' })).toMatchObject({ payload: 'fail' });
    expect(statuses({ signed, body: '{' })).toMatchObject({ payload: 'skipped' });
  });
});

function pythonDumps(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonDumps).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, each]) => `${pythonDumps(key)}: ${pythonDumps(each)}`,
    );
    return `{${entries.join(', ')}}`;
  }
  if (typeof value !== 'string') return JSON.stringify(value);
  const characters = [...Array(value.length).keys()].map(index => {
    const unit = value.charCodeAt(index);
    return unit > 126
      ? `\\u${unit.toString(16).padStart(4, '0')}`
      : JSON.stringify(value[index]).slice(1, -1);
  });
  return `"${characters.join('')}"`;
}
