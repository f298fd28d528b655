import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { payloadOf, SAMPLE_CALLS } from './sample-calls.js';

/** Sends calls of today and yesterday, and waits before each of the last four. Returns how many it sent. */
export async function sendCalls(
  url: string,
  secret: string,
  wait: () => Promise<unknown>,
): Promise<number> {
  const now = Date.now();
  for (const [index, call] of SAMPLE_CALLS.entries()) {
    if (index >= SAMPLE_CALLS.length - 4) await wait();
    const body = callEnded(payloadOf(call, index, now));
    const response = await fetch(url, { method: 'POST', ...signDelivery({ secret, body }) });
    if (response.status !== 200) throw new Error(`The delivery was answered ${response.status}`);
  }
  return SAMPLE_CALLS.length;
}
