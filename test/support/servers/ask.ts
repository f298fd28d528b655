import { inject } from 'vitest';
import type { Answers } from './supplies.js';

/** Asks the process that runs all tests, which finds and shares servers. */
export async function ask<Q extends keyof Answers>(question: Q): Promise<Answers[Q]> {
  const reply = await fetch(`${inject('supplies')}/${encodeURIComponent(question)}`);
  if (!reply.ok) throw new Error(await reply.text());
  return (await reply.json()) as Answers[Q];
}
