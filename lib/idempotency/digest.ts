import { createHash } from 'node:crypto';

/** Of what a sender chose: short text that is safe in a key, whatever it was. */
export function digest(...parts: readonly string[]): string {
  const text = parts.map(part => `${part.length}:${part}`).join('');
  return createHash('sha256').update(text).digest('base64url').slice(0, 24);
}
