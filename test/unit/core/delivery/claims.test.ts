import type {
  DeliveryIdentity,
  IdempotencyScope,
} from '../../../../lib/core/idempotency/idempotency-store.js';
import { expect, it } from 'vitest';
import { Claims } from '../../../../lib/core/delivery/claims.js';
import { HeldClaim } from '../../../../lib/core/delivery/held-claim.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { UnreliableStore } from '../../../support/unreliable-store.js';

const of = (body: string, id: string, call = 'call'): DeliveryIdentity => ({ call, body, id });

function start(by: IdempotencyScope = 'delivery') {
  const store = new UnreliableStore();
  const clock = new ManualClock();
  const claims = new Claims(store, { by, lease: 60_000, retention: 3_600_000 }, clock);
  const take = (identity: DeliveryIdentity) => claims.take(identity, ['A'], 'evt');
  const claim = async (identity: DeliveryIdentity): Promise<HeldClaim> => {
    const taken = await take(identity);
    if (!(taken instanceof HeldClaim)) throw new Error(taken.status);
    return taken;
  };
  /** What becomes of a delivery without a question to the store; undefined if it is asked. */
  const known = async (identity: DeliveryIdentity) => {
    const before = store.asked.length;
    const answer = await take(identity);
    return store.asked.length > before ? undefined : answer;
  };
  const { held } = claims as unknown as { held: ReadonlyMap<string, unknown> };
  return { claim, known, held };
}

const inProgress = { status: 'in_progress', retryAfter: 1_000 };

it('answers for each delivery of a call that it holds, until that one ends', async () => {
  const { claim, known, held } = start();
  const [first, second] = [await claim(of('b1', 'i1')), await claim(of('b2', 'i2'))];
  expect(await known(of('b1', 'i1'))).toEqual(inProgress);
  await first.end();
  expect(await known(of('b2', 'i2'))).toEqual(inProgress);
  expect(await known(of('b1', 'i1'))).toBeUndefined();
  await second.end();
  expect(await known(of('b2', 'i2'))).toBeUndefined();
  expect(held.size).toBe(1);
});

it('keeps nothing of what has ended', async () => {
  const { claim, held } = start();
  await (await claim(of('b1', 'i1'))).end();
  expect(held.size).toBe(0);
});

it('knows what it holds by its body, or else by its id', async () => {
  const { claim, known } = start();
  await claim(of('b1', 'i1'));
  const second = await claim(of('b2', 'i2'));
  second.finish('A');
  expect(await known(of('b3', 'i1'))).toEqual(inProgress);
  expect(await known(of('b3', 'i2'))).toEqual({ status: 'completed', key: 'b2' });
  expect(await known(of('b2', 'i1'))).toEqual({ status: 'completed', key: 'b2' });
  expect(await known(of('b1', 'i2'))).toEqual(inProgress);
});

it('asks for another body and id of a call, unless the call alone counts', async () => {
  const byDelivery = start();
  await byDelivery.claim(of('b1', 'i1'));
  expect(await byDelivery.known(of('b2', 'i2'))).toBeUndefined();
  const byCall = start('call');
  await byCall.claim(of('b1', 'i1'));
  expect(await byCall.known(of('b2', 'i2'))).toEqual(inProgress);
  expect(await byCall.known(of('b1', 'i1', 'another call'))).toBeUndefined();
});
