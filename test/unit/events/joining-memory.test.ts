import { describe, expect, it } from 'vitest';
import { JoiningMemory } from '../../../lib/events/joining-memory.js';
import { RawBytes } from '../../../lib/signature/raw-bytes.js';

const inPieces = (...texts: string[]) => {
  const pieces = texts.map(text => Buffer.from(text));
  return new RawBytes(pieces, Buffer.concat(pieces).length);
};

describe('JoiningMemory', () => {
  it('joins one body after the other, larger or smaller than the one before', () => {
    const memory = new JoiningMemory();
    for (const texts of [['ab', 'c'], ['defg', '', 'hij'], ['k'], [], ['l', 'm', 'n']]) {
      expect(memory.join(inPieces(...texts)).toString()).toBe(texts.join(''));
    }
  });

  it('gives a body in one piece as it is', () => {
    const body = Buffer.from('one');
    expect(new JoiningMemory().join(body)).toBe(body);
  });

  it('leaves the pieces and the whole as they were', () => {
    const memory = new JoiningMemory();
    const body = inPieces('ab', 'cd');
    memory.join(body).fill(0);
    expect(body.whole.toString()).toBe('abcd');
  });
});
