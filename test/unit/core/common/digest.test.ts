import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { digest, digestOf } from '../../../../lib/core/common/digest.js';

const half = (text: string) =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');

it('is half a SHA-256 of bytes or text, safe in a key', () => {
  expect(digestOf('नमस्ते')).toBe(half('नमस्ते'));
  expect(digestOf(Buffer.from('नमस्ते'))).toBe(half('नमस्ते'));
  expect(digestOf('')).toMatch(/^[\w-]{22}$/);
});

it('of several texts says where each ends', () => {
  expect(digest('a', 'bc')).toBe(half('1:a2:bc'));
  const texts = [
    ['a', 'bc'],
    ['ab', 'c'],
    ['abc'],
    ['a', 'b', 'c'],
    ['1:a', 'bc'],
    ['a', '', 'bc'],
  ];
  expect(new Set(texts.map(parts => digest(...parts))).size).toBe(texts.length);
});
