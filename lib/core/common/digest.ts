import { hash } from 'node:crypto';

/** Of the hash: 22 characters in base64url. */
const BYTES = 16;

/** Of text that a sender chose: short and safe in a key, whatever the text was. */
export function digest(...parts: readonly string[]): string {
  // With lengths, so that ('a', 'bc') and ('ab', 'c') differ.
  return digestOf(parts.map(part => `${part.length}:${part}`).join(''));
}

/** Of bytes, or of one text. */
export const digestOf = (data: Uint8Array | string): string =>
  // Not a slice of a longer text, which would stay in memory with it.
  hash('sha256', data, 'buffer').toString('base64url', 0, BYTES);
