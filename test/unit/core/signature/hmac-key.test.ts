import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HmacKey } from '../../../../lib/core/signature/hmac-key.js';

const hex = (text: string) => Buffer.from(text, 'hex');

describe('HmacKey', () => {
  // Test cases 2 and 1: the keys of the others are no text.
  it.each([
    [
      'Jefe',
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      '\v'.repeat(20),
      'Hi There',
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
  ])('gives what RFC 4231 gives for the key %j', (secret, text, digest) => {
    expect(new HmacKey(secret).mac('', Buffer.from(text), 'hex')).toBe(digest);
    expect(new HmacKey(secret).mac(text, Buffer.alloc(0), 'hex')).toBe(digest);
    expect(new HmacKey(secret).mac('', Buffer.from(text), 'base64url')).toBe(
      hex(digest).toString('base64url'),
    );
  });

  it('agrees with Hmac whatever the lengths of key, text and bytes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    const bytes = fc.tuple(fc.integer({ min: 0, max: 40_000 }), fc.nat(255));
    fc.assert(
      fc.property(text, text, bytes, (secret, prefix, [length, value]) => {
        const body = Buffer.alloc(length, value);
        const theirs = createHmac('sha256', secret).update(prefix).update(body).digest('hex');
        expect(new HmacKey(secret).mac(prefix, body, 'hex')).toBe(theirs);
      }),
      { numRuns: 500 },
    );
  });

  it.each([16_383, 16_384, 16_385])(
    'agrees with Hmac on a text of %d bytes and no others',
    length => {
      for (const prefix of ['a'.repeat(length), 'न'.repeat(length / 3)]) {
        const theirs = createHmac('sha256', 'key').update(prefix).digest('hex');
        expect(new HmacKey('key').mac(prefix, Buffer.alloc(0), 'hex')).toBe(theirs);
      }
    },
  );

  it('keeps nothing of one message for the next', () => {
    const key = new HmacKey('key');
    const short = Buffer.from('short');
    const before = key.mac('1.', short, 'hex');
    key.mac('1234567890.', Buffer.alloc(10_000, 7), 'hex');
    expect(key.mac('1.', short, 'hex')).toBe(before);
  });

  it('does not show its secret when it is logged', () => {
    const shown = inspect(new HmacKey('whsec_shown'), { showHidden: true, depth: 5 });
    expect(shown).not.toContain('whsec_shown');
    expect(JSON.stringify(new HmacKey('whsec_shown'))).toBe('{}');
  });
});
