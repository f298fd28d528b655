import type { Claim, ClaimRequest, IdempotencyStore } from 'nestjs-revrag-webhook';

/** Longer than any test, so that what ends a claim is not its lease. */
export const LONG = 10 * 60_000;

/** For a delivery whose call, body and id are named after one word. */
export const requestOf = (name: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  identity: { call: `call ${name}`, body: `body ${name}`, id: `id ${name}` },
  by: 'delivery',
  handlerIds: ['A'],
  lease: LONG,
  retention: LONG,
  ...more,
});

/** The claim, which must be given. */
export async function claimOf(
  store: IdempotencyStore,
  name: string,
  more?: Partial<ClaimRequest>,
): Promise<Claim> {
  const result = await store.claim(requestOf(name, more));
  if (result.status !== 'claimed') throw new Error(`expected a claim, got ${result.status}`);
  return result.claim;
}

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
