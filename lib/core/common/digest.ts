import { hash } from 'node:crypto';

/** Characters of a digest: 132 bits, in base64url. */
const LENGTH = 22;

/** Of text that a sender chose: short and safe in a key, whatever the text was. */
export function digest(...parts: readonly string[]): string {
  // With lengths, so that ('a', 'bc') and ('ab', 'c') differ.
  return digestOf(parts.map(part => `${part.length}:${part}`).join(''));
}

/** Of bytes, or of one text. */
export const digestOf = (data: Uint8Array | string): string =>
  hash('sha256', data, 'base64url').slice(0, LENGTH);
