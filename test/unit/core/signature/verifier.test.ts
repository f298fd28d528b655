import { inspect } from 'node:util';
import { RevragBodyError, RevragSignatureError, VerifiedDelivery } from 'nestjs-revrag-webhook';
import type { WebhookHeaders } from 'nestjs-revrag-webhook';
import { signDelivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { SecretKeys } from '../../../../lib/core/signature/secret-keys.js';
import type { SecretSource } from '../../../../lib/core/signature/secrets.js';
import { SignatureVerifier } from '../../../../lib/core/signature/signature-verifier.js';
import { SECRET } from '../../../support/app.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { SAMPLE } from '../../../support/sample.js';

const TOLERANCE = 300;
const clock = new ManualClock();
const seconds = clock.now() / 1000;

const verifierOf = (secret: SecretSource = SECRET, secretHeaders?: string[], by = clock) =>
  new SignatureVerifier(
    'default',
    new SecretKeys(secret, 'default', by, 0),
    TOLERANCE * 1000,
    by,
    secretHeaders,
  );
const verifier = verifierOf();

const signed = (options: { timestamp?: number; secret?: string; body?: Buffer } = {}) =>
  signDelivery({ secret: SECRET, body: SAMPLE, id: 'evt_1', timestamp: seconds, ...options });

/** Verifies a genuine delivery with some of its headers replaced; `undefined` takes one away. */
const verifyWith = (headers: Record<string, string | string[] | undefined>, by = verifier) => {
  const { body, headers: genuine } = signed();
  return by.verify(body, { ...genuine, ...headers });
};

const refusal = async (verification: Promise<unknown>): Promise<RevragSignatureError> => {
  const error = await verification.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RevragSignatureError);
  return error as RevragSignatureError;
};
const code = async (verification: Promise<unknown>) => (await refusal(verification)).code;

const signature = (t: string | number, ...digests: string[]) =>
  [`t=${t}`, ...digests.map(digest => `v1=${digest}`)].join(',');
const GENUINE_DIGEST = signed().headers['x-webhook-signature'].split('v1=')[1]!;
const OTHER_DIGEST = 'ab'.repeat(32);

describe('verify', () => {
  it('gives what was verified', async () => {
    const { body, headers } = signed();
    const delivery = await verifier.verify(body, headers);
    expect(delivery).toBeInstanceOf(VerifiedDelivery);
    expect(delivery).toMatchObject({
      id: 'evt_1',
      type: 'call.ended',
      timestamp: new Date(clock.now()),
      endpoint: 'default',
    });
    expect(delivery.rawBody).toBe(body);
    expect(delivery.rawBody.equals(SAMPLE)).toBe(true);
  });

  it('gives what came with it, without signature and credentials', async () => {
    const { body, headers } = signed();
    const params = { agent: 'loans' };
    const sent = { ...headers, Authorization: 'Bearer x' };
    const delivery = await verifier.verify(body, sent, { params });
    expect(delivery.params).toBe(params);
    expect(delivery.headers).toBe(delivery.headers);
    expect(Object.keys(delivery.headers).sort()).toEqual([
      'content-type',
      'x-webhook-event',
      'x-webhook-id',
      'x-webhook-timestamp',
    ]);
    expect((await verifyWith({})).params).toEqual({});
  });

  it('verifies the body of a head that was read before', async () => {
    const { body, headers } = signed();
    const delivery = await verifier.verifyBody(verifier.readHead(headers), body);
    expect(delivery).toBeInstanceOf(VerifiedDelivery);
  });

  it('can get the secret before the body is there', async () => {
    let asked = 0;
    const later = verifierOf(({ endpoint }) => {
      asked += 1;
      return endpoint === 'default' ? SECRET : undefined;
    });
    const { body, headers } = signed();
    const head = later.readHead(headers);
    await later.prepare(head);
    expect(asked).toBe(1);
    expect(await later.verifyBody(head, body)).toBeInstanceOf(VerifiedDelivery);
    expect(asked).toBe(1);
    await expect(verifierOf(() => undefined).prepare(head)).rejects.toMatchObject({
      code: 'secret_unavailable',
    });
  });

  it('tries again with a secret that has just been replaced', async () => {
    let secret = 'old';
    const moving = new ManualClock();
    const rotated = verifierOf(() => secret, [], moving);
    const verify = () => {
      const { body, headers } = signed({ secret: 'new' });
      return rotated.verify(body, headers);
    };
    expect(await code(verify())).toBe('signature_mismatch');
    secret = 'new';
    expect(await code(verify())).toBe('signature_mismatch');
    await moving.pass(5_000);
    await expect(verify()).resolves.toBeInstanceOf(VerifiedDelivery);
  });

  it('takes bytes as Buffer, Uint8Array or text', async () => {
    const { body, headers } = signed();
    await expect(verifier.verify(body, headers)).resolves.toBeDefined();
    await expect(verifier.verify(new Uint8Array(body), headers)).resolves.toBeDefined();
    await expect(verifier.verify(body.toString('utf8'), headers)).resolves.toBeDefined();
  });

  it('does not let parsed JSON pass for bytes [pitfall 8]', async () => {
    const { body, headers } = signed();
    const parsed: unknown = JSON.parse(body.toString());
    const error: unknown = await verifier
      .verify(parsed as Buffer, headers)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RevragBodyError);
    expect(error).toMatchObject({ code: 'raw_body_missing' });
    expect((error as Error).message).toMatch(/bytes that were received/);
  });

  it('refuses a body that was parsed and serialised again [pitfall 1]', async () => {
    const { body, headers } = signed();
    const again = JSON.stringify(JSON.parse(body.toString()));
    expect(await code(verifier.verify(again, headers))).toBe('signature_mismatch');
  });

  it('refuses what was signed with another secret, and does not tell which', async () => {
    const { body, headers } = signed({ secret: 'another' });
    const error = await refusal(verifier.verify(body, headers));
    expect(error.code).toBe('signature_mismatch');
    expect(JSON.stringify([error.message, error.getResponse()])).not.toContain(SECRET);
  });

  it('does not show the body of a delivery that is logged', async () => {
    const delivery = await verifyWith({});
    expect(JSON.stringify(delivery)).not.toContain('rawBody');
    expect(Object.keys(delivery)).toEqual(['id', 'type', 'timestamp', 'endpoint']);
  });

  it('holds its request out of sight, for as long as it is told to', async () => {
    const delivery = await verifyWith({});
    const request = { body: 'my PIN is 4711' };
    VerifiedDelivery.setRequest(delivery, request);
    expect(VerifiedDelivery.request(delivery)).toBe(request);
    expect(inspect(delivery, { showHidden: true })).not.toContain('4711');
    VerifiedDelivery.setRequest(delivery, undefined);
    expect(VerifiedDelivery.request(delivery)).toBeUndefined();
  });
});

describe('headers', () => {
  it.each(['X-Webhook-ID', 'X-Webhook-Event', 'X-Webhook-Timestamp', 'X-Webhook-Signature'])(
    'must hold %s',
    async title => {
      const name = title.toLowerCase();
      expect(await code(verifyWith({ [name]: '' }))).toBe('missing_header');
      const { code: missing, message } = await refusal(verifyWith({ [name]: undefined }));
      expect([missing, message]).toEqual(['missing_header', `The header ${title} is missing.`]);
      const { body, headers } = signed();
      const fetched = new Headers(headers);
      fetched.delete(name);
      expect(await code(verifier.verify(body, fetched))).toBe('missing_header');
    },
  );

  it('may come with names in any case, from a Headers object, or as lists of one', async () => {
    const { body, headers } = signed();
    const upper = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
    );
    const lists = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value]]),
    );
    for (const form of [upper, new Headers(headers), lists]) {
      await expect(verifier.verify(body, form)).resolves.toMatchObject({ id: 'evt_1' });
    }
  });

  it.each([
    ['repeated, as Node joins them', '1780315200, 1780315200'],
    ['with trailing text [pitfall 3]', '1780315200abc'],
    ['not a number [pitfall 3]', 'NaN'],
    ['negative', '-1780315200'],
    ['a fraction', '1780315200.5'],
    ['in exponent form', '1.7803152e9'],
    ['hexadecimal', '0x6a1d7500'],
    ['spaced', ' 1780315200'],
    ['in milliseconds', '1780315200000'],
    ['too long [pitfall 3]', '9'.repeat(400)],
    ['full-width digits', '１７８０３１５２００'],
  ])('with a timestamp %s are malformed', async (_name, timestamp) => {
    const headers = {
      'x-webhook-timestamp': timestamp,
      'x-webhook-signature': signature(timestamp, GENUINE_DIGEST),
    };
    expect(await code(verifyWith(headers))).toBe('malformed_header');
  });

  it.each([
    ['no t', 'it has no t', `v1=${GENUINE_DIGEST}`],
    ['no v1 [pitfall 5]', 'it has no v1', `t=${seconds}`],
    ['two t [pitfall 5]', 'more than one t', `t=${seconds},t=${seconds},v1=${GENUINE_DIGEST}`],
    [
      'itself twice, as Node joins repeated headers [pitfall 5]',
      'more than one t',
      `${signature(seconds, GENUINE_DIGEST)}, ${signature(seconds, GENUINE_DIGEST)}`,
    ],
    [
      'another t than the header [pitfall 5]',
      'its t differs',
      signature(seconds - 1, GENUINE_DIGEST),
    ],
    ['a t of another form', 'its t differs', signature(`0${seconds}`, GENUINE_DIGEST)],
    ['an empty v1 [pitfall 5]', '64 lower-case hex digits', signature(seconds, '')],
    [
      'hundreds of v1 [pitfall 5]',
      'too long',
      signature(seconds, ...Array<string>(300).fill(OTHER_DIGEST)),
    ],
    [
      'a digit moved from v1 to t',
      '64 lower-case hex digits',
      signature(`${seconds}0`, GENUINE_DIGEST.slice(1)),
    ],
    [
      'a digest with digits to spare [pitfall 2]',
      '64 lower-case hex digits',
      signature(seconds, `${GENUINE_DIGEST}00`),
    ],
    [
      'a digest and junk [pitfall 2]',
      '64 lower-case hex digits',
      signature(seconds, `${GENUINE_DIGEST}zz`),
    ],
    [
      'a short digest [pitfall 2]',
      '64 lower-case hex digits',
      signature(seconds, GENUINE_DIGEST.slice(2)),
    ],
    [
      'a digest in upper case',
      '64 lower-case hex digits',
      signature(seconds, GENUINE_DIGEST.toUpperCase()),
    ],
    [
      'a base64 digest',
      '64 lower-case hex digits',
      signature(seconds, Buffer.from(GENUINE_DIGEST, 'hex').toString('base64')),
    ],
    ['only an unknown scheme', 'it has no v1', `t=${seconds},v0=${GENUINE_DIGEST}`],
    ['no keys', 'key=value', GENUINE_DIGEST],
    ['an entry without a key', 'key=value', `${signature(seconds, GENUINE_DIGEST)},t`],
  ])('with a signature that has %s are malformed', async (_name, problem, value) => {
    const { code, message } = await refusal(verifyWith({ 'x-webhook-signature': value }));
    expect(code).toBe('malformed_header');
    expect(message).toMatch(/^The header X-Webhook-Signature is malformed: /);
    expect(message).toContain(problem);
  });

  it('may hold a signature of 2,048 characters, and not one more', async () => {
    const whole = signature(seconds, GENUINE_DIGEST);
    const long = `${whole},v0=${'x'.repeat(2_048 - whole.length - ',v0='.length)}`;
    await expect(verifyWith({ 'x-webhook-signature': long })).resolves.toBeDefined();
    const { message } = await refusal(verifyWith({ 'x-webhook-signature': `${long}x` }));
    expect(message).toContain('too long');
  });

  it('may hold several v1, entries of other schemes and spaces', async () => {
    const value = ` t = ${seconds} , v0=x, v1 = ${OTHER_DIGEST} , v1 = ${GENUINE_DIGEST} `;
    await expect(verifyWith({ 'x-webhook-signature': value })).resolves.toBeDefined();
  });

  it('given as lists of none, of several or of no text are malformed [pitfall 5]', async () => {
    const genuine = signature(seconds, GENUINE_DIGEST);
    for (const list of [[], [genuine, genuine], [''], [{ [Symbol.toPrimitive]: () => genuine }]]) {
      const { code, message } = await refusal(
        verifyWith({ 'x-webhook-signature': list as string[] }),
      );
      expect([code, message]).toEqual([
        'malformed_header',
        'The header X-Webhook-Signature is malformed: it must be present once, as text.',
      ]);
    }
  });

  it('that are no headers at all are missing', async () => {
    for (const nothing of [undefined, null, 7, 'text', []]) {
      expect(await code(verifier.verify(SAMPLE, nothing as unknown as WebhookHeaders))).toBe(
        'missing_header',
      );
    }
  });

  it('are not fooled by inherited names', async () => {
    const { body, headers } = signed();
    const inherited = Object.create(headers) as Record<string, string>;
    expect(await code(verifier.verify(body, inherited))).toBe('missing_header');
    const nameless: Record<string, string> = { ...headers, undefined: 'evt_1' };
    delete nameless['x-webhook-id'];
    expect(await code(verifier.verify(body, nameless))).toBe('missing_header');
  });

  it('that the secret depends on reach the function by name, those that are text and were sent once', async () => {
    const asked: unknown[] = [];
    const names = ['x-text', 'x-list', 'x-twice', 'x-empty', 'x-number', 'x-absent'];
    const bySender = verifierOf(({ headers }) => {
      asked.push(headers);
      return SECRET;
    }, names);
    await verifyWith(
      {
        'X-Text': 'loans',
        'x-list': ['cards'],
        'x-twice': ['loans', 'cards'],
        'x-empty': '',
        'x-number': 7 as unknown as string,
        'x-other': 'other',
      },
      bySender,
    );
    expect(asked).toStrictEqual([{ 'x-text': 'loans', 'x-list': 'cards' }]);
  });
});

describe('tolerance [pitfall 4]', () => {
  it.each([
    ['now', 0, true],
    ['as old as tolerated', -TOLERANCE, true],
    ['as far ahead as tolerated', TOLERANCE, true],
    ['a second too old', -TOLERANCE - 1, false],
    ['a second too far ahead', TOLERANCE + 1, false],
    ['a year ahead', 365 * 86_400, false],
  ])('%s', async (_name, offset, accepted) => {
    const { body, headers } = signed({ timestamp: seconds + offset });
    const verification = verifier.verify(body, headers);
    if (accepted) await expect(verification).resolves.toBeDefined();
    else expect(await code(verification)).toBe('timestamp_out_of_tolerance');
  });

  it('is held against receivedAt where a delivery waited in a queue', async () => {
    const { body, headers } = signed({ timestamp: seconds - 86_400 });
    const receivedAt = new Date((seconds - 86_400 + 5) * 1000);
    expect(await code(verifier.verify(body, headers))).toBe('timestamp_out_of_tolerance');
    await expect(verifier.verify(body, headers, { receivedAt })).resolves.toBeDefined();
    expect(await code(verifier.verify(body, headers, { receivedAt: new Date(NaN) }))).toBe(
      'timestamp_out_of_tolerance',
    );
  });

  it('is checked again when the body has come: a replay can not be held open', async () => {
    const late = new ManualClock();
    const slow = verifierOf(SECRET, [], late);
    const { body, headers } = signDelivery({ secret: SECRET, body: SAMPLE, timestamp: seconds });
    const head = slow.readHead(headers);
    await late.pass((TOLERANCE + 1) * 1000);
    const verified = Promise.resolve().then(() => slow.verifyBody(head, body));
    expect(await code(verified)).toBe('timestamp_out_of_tolerance');
  });
});

describe('several secrets', () => {
  it('accept a delivery signed with any of them', async () => {
    const both = verifierOf(['old', 'new']);
    for (const secret of ['old', 'new']) {
      const { body, headers } = signed({ secret });
      await expect(both.verify(body, headers)).resolves.toBeDefined();
    }
    const { body, headers } = signed({ secret: 'third' });
    expect(await code(both.verify(body, headers))).toBe('signature_mismatch');
  });

  it('are shared with another verifier if one of them is', () => {
    const both = verifierOf(['old', 'new']);
    expect(both.sharesSecretWith(verifierOf(['new', 'other']))).toBe(true);
    expect(both.sharesSecretWith(verifierOf('third'))).toBe(false);
  });
});
