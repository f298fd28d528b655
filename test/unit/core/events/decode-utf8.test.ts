import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../../../lib/core/events/decode-utf8.js';
import { holds } from '../../../support/holds.js';

const agrees = (bytes: Buffer) => expect(decodeUtf8(bytes)).toBe(bytes.toString('utf8'));

describe('decodeUtf8 [pitfall 31]', () => {
  it.each([
    ['ASCII', 'a'.repeat(10_000)],
    ['Hindi', 'ऋण के लिए कौन से दस्तावेज़ चाहिए? '.repeat(500)],
    ['emoji', '💳✓🏦'.repeat(2000)],
    ['Latin with one Hindi letter', `${'é'.repeat(9000)}ऋ`],
  ])('decodes large %s', (_name, text) => {
    expect(decodeUtf8(Buffer.from(text))).toBe(text);
  });

  it('replaces what is not UTF-8 as Node does, at any size', () => {
    const broken = Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x92]);
    agrees(broken);
    agrees(Buffer.concat([Buffer.from('ऋ'.repeat(4000)), broken, Buffer.from('x'.repeat(4000))]));
    agrees(Buffer.concat([Buffer.alloc(8000, 'x'), broken]));
  });

  it('agrees with Node on any bytes', async () => {
    await holds(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, large) => {
        agrees(Buffer.concat([Buffer.from(bytes), Buffer.from(large ? 'ऋण'.repeat(1000) : '')]));
      }),
      500,
    );
  });
});
