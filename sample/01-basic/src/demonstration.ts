import { setTimeout as delay } from 'node:timers/promises';
import { callEnded, signDelivery, type SignedDelivery } from 'nestjs-revrag-webhook/testing';

interface Step {
  readonly title: string;
  readonly delivery: SignedDelivery;
  readonly status: number;
  /** What `status` or `code` of the answer must be. */
  readonly says: string;
}

/** What the provider, or an attacker, may send. */
function steps(secret: string): Step[] {
  const genuine = signDelivery({ secret, body: callEnded() });
  const { body, headers } = genuine;
  const forged = Buffer.from(body.replace('gold', 'free'));
  return [
    { title: 'A genuine delivery', delivery: genuine, status: 200, says: 'processed' },
    { title: 'The same delivery again', delivery: genuine, status: 200, says: 'duplicate' },
    {
      title: 'A forged one: one word of the body changed',
      delivery: { body: forged, headers },
      status: 401,
      says: 'signature_mismatch',
    },
    {
      title: 'A replay: the genuine bytes under a fresh id',
      delivery: { body, headers: { ...headers, 'x-webhook-id': 'evt_fresh' } },
      status: 200,
      says: 'duplicate',
    },
  ];
}

/** Sends each over HTTP and prints the answer. Returns whether each answer is the expected one. */
export async function demonstrate(url: string, secret: string): Promise<boolean> {
  let allWell = true;
  for (const [index, { title, delivery, status, says }] of steps(secret).entries()) {
    console.log(`\n${index + 1}. ${title}`);
    const response = await fetch(url, {
      method: 'POST',
      headers: delivery.headers,
      body: delivery.body,
    });
    const answer = (await response.json()) as { status?: string; code?: string };
    const isWell = response.status === status && (answer.status ?? answer.code) === says;
    console.log(
      `\n    ${isWell ? '✓' : `✗ expected ${status} ${says}, got`} ${response.status} ${JSON.stringify(answer)}`,
    );
    allWell &&= isWell;
    await delay(50);
  }
  return allWell;
}

/** The command that sends another call. It shows no secret but the demonstration's. */
export function sendCommand(url: string, secret: string): string {
  const flag = secret === 'whsec_demonstration' ? ` --secret ${secret}` : '';
  return `npx revrag-webhook send ${url}${flag}`;
}
