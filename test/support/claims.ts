import type { Claim, ClaimRequest, IdempotencyStore } from 'nestjs-revrag-webhook';

/** A minute: longer than any test, so that what ends a claim is not its lease. */
export const LONG = 60_000;

export const requestOf = (id: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  endpoint: 'default',
  id,
  macs: [`mac-of-${id}`],
  lease: LONG,
  macRetention: LONG,
  ...more,
});

/** The claim, which must be had. */
export async function claimOf(
  store: IdempotencyStore,
  id: string,
  more?: Partial<ClaimRequest>,
): Promise<Claim> {
  const result = await store.claim(requestOf(id, more));
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
