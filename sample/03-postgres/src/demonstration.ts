import { randomUUID } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { CallsService } from './calls.service.js';

/** Delivers a call twice. Returns whether it was handled and saved once. */
export async function demonstrate(
  url: string,
  secret: string,
  app: INestApplicationContext,
): Promise<boolean> {
  // A new call at each start: the database remembers the last one.
  const call = callEnded({ call_id: randomUUID() });
  const delivery = signDelivery({ secret, body: call });
  let allWell = true;
  for (const says of ['processed', 'duplicate']) {
    const response = await fetch(url, { method: 'POST', ...delivery });
    const answer = (await response.json()) as { status?: string };
    const isWell = answer.status === says;
    const mark = isWell ? '✓' : `✗ expected ${says}, got`;
    console.log(`    ${mark} ${response.status} ${JSON.stringify(answer)}`);
    allWell &&= isWell;
  }
  const rows = await app.get(CallsService).count(call.call_id);
  console.log(`    ${rows === 1 ? '✓' : '✗ expected 1, got'} ${rows} row in the table of calls`);
  return allWell && rows === 1;
}
