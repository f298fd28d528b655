import { randomUUID } from 'node:crypto';
import { callEnded } from '../../testing/call-ended.js';

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
    return Buffer.from(JSON.stringify(callEnded({ call_id: randomUUID(), ...generated })), 'utf8');
  };

function conversation(length: number) {
  const messages = Array.from({ length }, (_, index) => {
    const [role, content] = TURNS[index % TURNS.length] as (typeof TURNS)[number];
    return { role, content: `${content} (${index + 1})` };
  });
  return { duration: length * 4, transcription: { messages } };
}

/**
 * The bytes of a file: the first delivery has them as they are, further ones another call id in the
 * place of its own, as the same bytes signed twice in a second are one delivery.
 */
export function fileBodies(file: Buffer): BodySource {
  const callId = readCallId(file);
  if (callId === undefined) return () => file;
  // latin1 keeps each byte as it is.
  const text = file.toString('latin1');
  return index =>
    index === 0 ? file : Buffer.from(text.replaceAll(callId, randomUUID()), 'latin1');
}

/** Whether repeats of a file differ in their bytes. */
export const canVary = (file: Buffer): boolean => readCallId(file) !== undefined;

function readCallId(file: Buffer): string | undefined {
  try {
    const { call_id: id } = JSON.parse(file.toString('utf8')) as { call_id?: unknown };
    return typeof id === 'string' && /^[\w-]{8,}$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
