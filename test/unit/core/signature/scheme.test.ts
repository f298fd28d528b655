import { execFileSync } from 'node:child_process';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { HmacKey } from '../../../../lib/core/signature/hmac-key.js';
import { MacChecker, computeMac, signatureHeader } from '../../../../lib/core/signature/scheme.js';

/** Bodies that a detour through text would change, or that parsers trip over. */
const bodies: Readonly<Record<string, Buffer>> = {
  empty: Buffer.alloc(0),
  'plain JSON': Buffer.from('{"call_id":"c1"}'),
  'pretty-printed JSON with CRLF': Buffer.from('{\r\n  "call_id": "c1"\r\n}\r\n'),
  'emoji and Hindi': Buffer.from('{"summary":"ऋण 💳 ✓"}'),
  'a byte order mark': Buffer.from('\ufeff{"call_id":"c1"}'),
  'bytes that are not UTF-8': Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0xc3, 0x28, 0x7d]),
};
const SECRET = 'whsec_vector_5f2d';
const TIMESTAMP = '1779851172';

describe('the signing scheme', () => {
  it('makes a digest that was computed elsewhere', () => {
    // printf '%s' '1779851172.{"call_id":"c1"}' | openssl dgst -sha256 -hmac whsec_vector_5f2d
    const known = '613fcc7816ddeea4153d8480d9583e43855609815360ca38cdd12ffb523d150a';
    const computed = computeMac(new HmacKey(SECRET), TIMESTAMP, bodies['plain JSON']!, 'hex');
    expect(computed).toBe(known);
  });

  describe.each(Object.entries(bodies))('over %s [pitfall 1]', (_name, body) => {
    it('agrees with openssl', () => {
      const input = Buffer.concat([Buffer.from(`${TIMESTAMP}.`), body]);
      const output = execFileSync('openssl', ['dgst', '-sha256', '-hmac', SECRET], { input });
      const digest = /[0-9a-f]{64}/.exec(output.toString())?.[0];
      expect(computeMac(new HmacKey(SECRET), TIMESTAMP, body, 'hex')).toBe(digest);
    });
  });

  it('agrees with stripe, which signs the same string in the same form', () => {
    // stripe hashes decoded text, so only bodies that are UTF-8 can be compared.
    for (const body of [bodies['plain JSON']!, bodies['emoji and Hindi']!]) {
      const theirs = Stripe.webhooks.generateTestHeaderString({
        payload: body.toString('utf8'),
        secret: SECRET,
        timestamp: Number(TIMESTAMP),
      });
      expect(signatureHeader(new HmacKey(SECRET), TIMESTAMP, body)).toBe(theirs);
    }
  });
});

describe('MacChecker', () => {
  const checker = new MacChecker();
  const body = bodies['plain JSON']!;
  const [old, current, other] = ['old', 'current', 'other'].map(secret => new HmacKey(secret)) as [
    HmacKey,
    HmacKey,
    HmacKey,
  ];
  const digest = (key: typeof old) => computeMac(key, TIMESTAMP, body, 'hex');
  const matches = (keys: (typeof old)[], digests: string[]) =>
    checker.check(keys, digests, TIMESTAMP, body) !== undefined;

  it('accepts a digest of any key', () => {
    expect(matches([old, current], [digest(current)])).toBe(true);
    expect(matches([old, current], [digest(old)])).toBe(true);
    expect(matches([old, current], [digest(other)])).toBe(false);
  });

  it('compares nothing that an earlier digest left', () => {
    expect(matches([current], [digest(current)])).toBe(true);
    for (const cut of ['', 'zz', digest(current).slice(2), digest(current).slice(0, 62)]) {
      expect(matches([current], [cut])).toBe(false);
    }
  });

  it('accepts any of several digests', () => {
    const digests = [digest(other), digest(current)];
    expect(matches([current], digests)).toBe(true);
  });

  it('knows the same bytes again, whichever of the sent digests a replay keeps', () => {
    const fingerprints = (digests: string[], keys = [old, current]) =>
      checker.check(keys, digests, TIMESTAMP, body) ?? [];
    const first = fingerprints([digest(old), digest(current)]);
    for (const kept of [digest(old), digest(current)]) {
      expect(fingerprints([kept]).some(mac => first.includes(mac))).toBe(true);
    }
    // After the old secret is taken away as well.
    expect(fingerprints([digest(current)], [current]).some(mac => first.includes(mac))).toBe(true);
  });
});
