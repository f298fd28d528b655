import { hash } from 'node:crypto';

/** Of the hash: 22 characters in base64url. */
const BYTES = 16;

/** A digest of a sender's text: short, and safe in a key. */
export function digest(...parts: readonly string[]): string {
  // Prefixed by lengths, so that ('a', 'bc') and ('ab', 'c') differ.
  return digestOf(parts.map(part => `${part.length}:${part}`).join(''));
}

/** A digest of bytes, or of one text. */
export const digestOf = (data: Uint8Array | string): string =>
  // Not a slice of a longer text, which would stay in memory with it; and not by way of `'buffer'`, which makes
  // an ArrayBuffer for each digest and takes twice as long.
  Buffer.from(hash('sha256', data, 'binary'), 'binary').toString('base64url', 0, BYTES);
