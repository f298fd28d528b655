import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { callEnded, signDelivery, type SignedDelivery } from 'nestjs-revrag-webhook/testing';
import { Secrets } from './secrets.js';

/** Delivers to each endpoint, with right and wrong secrets. Returns whether each answer is the expected one. */
export async function demonstrate(url: string, app: INestApplicationContext): Promise<boolean> {
  const { LOANS_SECRET = '', LOANS_OLD_SECRET = '', CARDS_SECRET = '' } = process.env;
  const sign = (callId: string, secret: string, fields: Parameters<typeof callEnded>[0] = {}) =>
    signDelivery({ secret, body: callEnded({ call_id: callId, ...fields }) });
  const send = async (path: string, delivery: SignedDelivery) =>
    (await fetch(`${url}/hooks/${path}`, { method: 'POST', ...delivery })).status;
  let allWell = true;
  const tell = (title: string, expected: number, status: number) => {
    allWell &&= status === expected;
    console.log(`${status === expected ? '✓' : `✗ expected ${expected}, got`} ${status} ${title}`);
  };

  tell('loans, new secret', 200, await send('loans', sign('loans_1', LOANS_SECRET)));
  tell('loans, old secret', 200, await send('loans', sign('loans_2', LOANS_OLD_SECRET)));
  tell('loans, signed for cards', 401, await send('loans', sign('loans_3', CARDS_SECRET)));
  const custom_variables = [{ key: 'interested_in_loan', value: 'perhaps' }];
  const odd = sign('loans_4', LOANS_SECRET, { custom_variables });
  tell('loans, variables that do not fit: one handler gives up', 200, await send('loans', odd));
  tell('cards', 200, await send('cards', sign('cards_1', CARDS_SECRET)));

  const secrets = app.get(Secrets, { strict: false });
  tell(
    'branch Pune, not known yet',
    404,
    await send('branches/pune', sign('pune_1', 'whsec_pune')),
  );
  secrets.set('branches/agra', ['whsec_agra']);
  tell('branch Agra, added', 200, await send('branches/agra', sign('agra_1', 'whsec_agra')));
  tell(
    'branch Agra, signed for loans',
    401,
    await send('branches/agra', sign('agra_2', LOANS_SECRET)),
  );

  secrets.set('cards', ['whsec_cards_next']);
  console.log('Waiting until the secret for cards may be read again');
  // After a delivery that matches no secret, the module reads it again, every five seconds at most.
  await delay(5_500);
  tell('cards, replaced secret', 200, await send('cards', sign('cards_2', 'whsec_cards_next')));
  tell('cards, former secret', 401, await send('cards', sign('cards_3', CARDS_SECRET)));
  return allWell;
}
