import { hash } from 'node:crypto';

/** Of what a sender chose: short text that is safe in a key, whatever it was. */
export function digest(...parts: readonly string[]): string {
  const text = parts.map(part => `${part.length}:${part}`).join('');
  return hash('sha256', text, 'base64url').slice(0, 24);
}
