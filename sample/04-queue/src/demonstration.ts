import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { CallsService } from './calls.service.js';

const TRIES = 150;

/** Delivers a call and waits for the workers. Returns whether both handlers have finished. */
export async function demonstrate(
  url: string,
  secret: string,
  app: INestApplicationContext,
): Promise<boolean> {
  // A new call at each start: Redis remembers the last one.
  const callId = randomUUID();
  const delivery = signDelivery({ secret, body: callEnded({ call_id: callId }) });
  const response = await fetch(url, { method: 'POST', ...delivery });
  console.log(`\n    ${response.status} ${await response.text()}\n`);
  if (response.status !== 202) return false;

  const { saved, informed } = app.get(CallsService);
  const isDone = () => saved.includes(callId) && informed.includes(callId);
  for (let tries = 0; tries < TRIES && !isDone(); tries += 1) await delay(100);
  console.log(`\n    ${isDone() ? '✓' : '✗ not'} done by both handlers`);
  return isDone();
}
