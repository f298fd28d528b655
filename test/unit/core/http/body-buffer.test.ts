import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BodyBuffer } from '../../../../lib/core/http/body-buffer.js';
import { holds } from '../../../support/holds.js';

const LIMIT = 1_000_000;

/** Adds all pieces; gives the largest that the buffer was, and what came of it. */
function fill(pieces: readonly Buffer[], declared = NaN) {
  const body = new BodyBuffer(declared, LIMIT);
  let largest = 0;
  for (const piece of pieces) {
    const size = body.sizeWith(piece)!;
    largest = Math.max(largest, size);
    body.add(piece, size);
  }
  return { largest, bytes: body.toBuffer() };
}

describe('a body as it comes', () => {
  it('is what its pieces are together, however they are cut', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 50 }).map(bytes => Buffer.from(bytes)));
    await holds(
      fc.property(pieces, fc.boolean(), (given, declares) => {
        const whole = Buffer.concat(given);
        const { bytes, largest } = fill(given, declares ? whole.length : NaN);
        expect(bytes.equals(whole)).toBe(true);
        expect(largest).toBeLessThanOrEqual(2 * whole.length);
      }),
    );
  });

  it('takes memory by its bytes, a byte at a time [pitfall 35]', () => {
    const { largest, bytes } = fill(Array.from({ length: 300_000 }, () => Buffer.from('x')));
    expect(bytes.length).toBe(300_000);
    expect(largest).toBeLessThanOrEqual(600_000);
  });

  it('is not copied where it comes in one piece, and its piece is never written to', () => {
    const piece = Buffer.from('one');
    expect(fill([piece]).bytes.buffer).toBe(piece.buffer);
    fill([piece, Buffer.from('two')]);
    expect(piece.toString()).toBe('one');
  });

  it('does not set aside what is only declared', () => {
    const { largest } = fill([Buffer.alloc(10), Buffer.alloc(10)], LIMIT);
    expect(largest).toBe(80);
  });

  it.each([
    ['twice the bytes, where no length is declared', NaN, [40, 40]],
    ['twice the bytes, where they exceed what was declared', 19, [40, 40]],
    ['four times the bytes, where more is declared', 81, [80, 80]],
    ['what is declared, where that is less', 79, [79, 79]],
    ['what is declared, where that is all', 20, [20, undefined]],
  ])('sets aside %s', (_name, declared, [second, third]) => {
    const body = new BodyBuffer(declared, LIMIT);
    body.add(Buffer.alloc(10), body.sizeWith(Buffer.alloc(10))!);
    const size = body.sizeWith(Buffer.alloc(10))!;
    expect(size).toBe(second);
    body.add(Buffer.alloc(10), size);
    // What is set aside is used before there is more of it.
    if (third !== undefined) expect(body.sizeWith(Buffer.alloc(third - 20))).toBe(third);
    expect(body.sizeWith(Buffer.alloc(size - 20 + 1))).toBeGreaterThan(size);
  });

  it('takes what is exactly as large as the limit', () => {
    const body = new BodyBuffer(NaN, 10);
    expect(body.sizeWith(Buffer.alloc(10))).toBe(10);
    expect(body.sizeWith(Buffer.alloc(11))).toBeUndefined();
  });

  it('is empty without pieces', () => {
    expect(new BodyBuffer(NaN, 10).toBuffer()).toEqual(Buffer.alloc(0));
  });

  it('never takes more than the limit', () => {
    const body = new BodyBuffer(NaN, 100);
    for (let index = 0; index < 10; index += 1) {
      const piece = Buffer.alloc(10);
      const size = body.sizeWith(piece)!;
      expect(size).toBeLessThanOrEqual(100);
      body.add(piece, size);
    }
    expect(body.sizeWith(Buffer.alloc(1))).toBeUndefined();
  });
});
