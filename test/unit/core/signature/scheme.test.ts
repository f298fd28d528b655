import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import {
  computeMac,
  matches,
  signatureHeader,
  signingKey,
  type SigningKey,
} from '../../../../lib/core/signature/scheme.js';

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
const macOf = (secret: string, body: Buffer) =>
  computeMac(signingKey(secret), TIMESTAMP, body).toString('hex');

describe('the signing scheme', () => {
  it('makes a digest that was computed elsewhere', () => {
    // printf '%s' '1779851172.{"call_id":"c1"}' | openssl dgst -sha256 -hmac whsec_vector_5f2d
    const known = '613fcc7816ddeea4153d8480d9583e43855609815360ca38cdd12ffb523d150a';
    const computed = macOf(SECRET, bodies['plain JSON']!);
    expect(computed).toBe(known);
  });

  // Computed with openssl as above. A block of SHA-256 has 64 bytes; HMAC hashes longer secrets first.
  it.each([
    [63, '82ca008e73131186ab97348b432bd4e3740cc1f70fe4418b010d9959b6bd6358'],
    [64, '3a4f5d3ad23c04cde73810c94bc18ada2eb6933d2a3b5e0416f1b6cff7f835e8'],
    [65, 'c21a2f40a5ed30593c139404057f21aad3f1d859c81da8a9a7754347dcb368ac'],
  ])('makes a known digest with a secret of %d bytes', (length, known) => {
    expect(macOf('k'.repeat(length), bodies['plain JSON']!)).toBe(known);
  });

  it('counts the bytes of a secret in UTF-8, not its characters', () => {
    const secret = 'ऋ'.repeat(22);
    const theirs = createHmac('sha256', Buffer.from(secret, 'utf8'));
    const expected = theirs.update(`${TIMESTAMP}.`).update(bodies['plain JSON']!).digest('hex');
    expect(macOf(secret, bodies['plain JSON']!)).toBe(expected);
  });

  it('does not show a secret when its key is logged', () => {
    const key = signingKey('whsec_shown');
    const shown = inspect(key, { showHidden: true, depth: Infinity, getters: true });
    expect(shown + JSON.stringify(key)).not.toContain('whsec_shown');
  });

  describe.each(Object.entries(bodies))('over %s [pitfall 1]', (_name, body) => {
    it('agrees with openssl', () => {
      const input = Buffer.concat([Buffer.from(`${TIMESTAMP}.`), body]);
      const output = execFileSync('openssl', ['dgst', '-sha256', '-hmac', SECRET], { input });
      const digest = /[0-9a-f]{64}/.exec(output.toString())?.[0];
      expect(macOf(SECRET, body)).toBe(digest);
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
      expect(signatureHeader(signingKey(SECRET), TIMESTAMP, body)).toBe(theirs);
    }
  });
});

describe('matches', () => {
  const body = bodies['plain JSON']!;
  const [old, current, other] = ['old', 'current', 'other'].map(signingKey) as [
    SigningKey,
    SigningKey,
    SigningKey,
  ];
  const digest = (key: SigningKey) => computeMac(key, TIMESTAMP, body).toString('hex');
  const match = (keys: SigningKey[], digests: string[]) => matches(keys, digests, TIMESTAMP, body);

  it('accepts a digest of any key', () => {
    expect(match([old, current], [digest(current)])).toBe(true);
    expect(match([old, current], [digest(old)])).toBe(true);
    expect(match([old, current], [digest(other)])).toBe(false);
    expect(match([], [digest(other)])).toBe(false);
  });

  it('accepts any of several digests', () => {
    expect(match([current], [digest(other), digest(current)])).toBe(true);
    expect(match([current], [digest(other), digest(old)])).toBe(false);
    expect(match([current], [])).toBe(false);
  });

  it('refuses a digest that is cut short, and throws nothing [pitfall 2]', () => {
    for (const cut of ['', 'zz', digest(current).slice(2), digest(current).slice(0, 62)]) {
      expect(match([current], [cut])).toBe(false);
    }
  });
});
