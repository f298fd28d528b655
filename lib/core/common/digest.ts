import { hash } from 'node:crypto';

/** Characters of a digest: 132 bits, in base64url. */
const LENGTH = 22;

/** A digest of a sender's text: short, and safe in a key. */
export function digest(...parts: readonly string[]): string {
  // Prefixed by lengths, so that ('a', 'bc') and ('ab', 'c') differ.
  return digestOf(parts.map(part => `${part.length}:${part}`).join(''));
}

/** A digest of bytes, or of one text. */
export const digestOf = (data: Uint8Array | string): string =>
  hash('sha256', data, 'base64url').slice(0, LENGTH);
