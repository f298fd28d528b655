import { randomUUID } from 'node:crypto';
import { callEnded } from '../../testing/call-ended.js';
import { JSON_TOKEN } from '../json-token.js';

/** Gives the body of the n-th delivery, counted from 0. */
export type BodySource = (index: number) => Buffer;

const TURNS: readonly [role: string, content: string][] = [
  ['assistant', 'Good morning! What can I do for you?'],
  ['user', 'Which papers do you need for a home loan?'],
  ['assistant', 'Proof of income and of identity. Shall I send you the list?'],
  ['user', 'Yes, please. And what would the rate be?'],
];

/** A sample call, another one for each index; with a generated transcript where `messages` is given. */
export const sampleBodies =
  (messages: number | undefined): BodySource =>
  () => {
    const generated = messages === undefined ? {} : conversation(messages);
    return Buffer.from(JSON.stringify(callEnded(generated)), 'utf8');
  };

function conversation(length: number) {
  const messages = Array.from({ length }, (_, index) => {
    const [role, content] = TURNS[index % TURNS.length] as (typeof TURNS)[number];
    return { role, content: `${content} (${index + 1})` };
  });
  return { duration: length * 4, transcription: { messages } };
}

/**
 * The bytes of a file. The first delivery has them unchanged unless `allNew`; each further one has a new `call_id`,
 * as a receiver recognises a delivery by its body.
 */
export const fileBodies =
  (file: Buffer, allNew: boolean): BodySource =>
  index =>
    index === 0 && !allNew ? file : (withNewCall(file) ?? file);

/**
 * The body of another call: the same bytes with a new `call_id`.
 *
 * @returns undefined if it is not a JSON object with a `call_id` of text
 */
export function withNewCall(body: Buffer): Buffer | undefined {
  if (!isJson(body.toString('utf8').replace(/^\ufeff/, ''))) return undefined;
  // latin1 keeps each byte as it is.
  const parts = body.toString('latin1').split(JSON_TOKEN);
  let depth = 0;
  let isFound = false;
  // Tokens are at the odd places, the white space between them at the even ones.
  for (let at = 1; at < parts.length; at += 2) {
    const token = parts[at] as string;
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    const isValue = depth === 1 && token === '"call_id"' && parts[at + 2] === ':';
    if (isValue && parts[at + 4]?.startsWith('"')) {
      parts[at + 4] = `"${randomUUID()}"`;
      isFound = true;
    }
  }
  return isFound ? Buffer.from(parts.join(''), 'latin1') : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
