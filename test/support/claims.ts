import type {
  Claim,
  ClaimRequest,
  DeliveryIdentity,
  IdempotencyStore,
} from 'nestjs-revrag-webhook';
import { digest } from '../../lib/core/common/digest.js';

/** Longer than any test, so that what ends a claim is not its lease. */
export const LONG = 10 * 60_000;

/** Of the n-th delivery of a call, say: the call has the bytes and id that are given, else its own. */
export const identityOf = (call: string, body = call, id = call): DeliveryIdentity => ({
  call: digest('call', call),
  body: digest('body', body),
  id: digest('id', id),
});

export const requestOf = (call: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  identity: identityOf(call),
  by: 'delivery',
  handlerIds: ['A'],
  lease: LONG,
  retention: LONG,
  ...more,
});

/** The claim, which must be had. */
export async function claimOf(
  store: IdempotencyStore,
  call: string,
  more?: Partial<ClaimRequest>,
): Promise<Claim> {
  const result = await store.claim(requestOf(call, more));
  if (result.status !== 'claimed') throw new Error(`expected a claim, got ${result.status}`);
  return result.claim;
}

/** The claim, from a store that may be in trouble for now or slower than its timeout. */
export async function claimInTheEnd(store: IdempotencyStore, call: string): Promise<Claim> {
  const result = await until(
    () => store.claim(requestOf(call)),
    ({ status }) => status === 'claimed',
  );
  return (result as Extract<typeof result, { status: 'claimed' }>).claim;
}

/** Ends a claim with what the request asked for, unless told. */
export const endOf = async (
  store: IdempotencyStore,
  claim: Claim,
  handlerIds: readonly string[] = ['A'],
): Promise<boolean> => store.end(claim, { handlerIds, retention: LONG });

/** Asks until the answer is as wanted; the test's own timeout is the bound. */
export async function until<T>(
  ask: () => Promise<T> | T,
  isWanted: (answer: T) => boolean = Boolean,
): Promise<T> {
  for (;;) {
    const answer = await Promise.resolve()
      .then(ask)
      .catch(() => undefined);
    if (answer !== undefined && isWanted(answer)) return answer;
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
