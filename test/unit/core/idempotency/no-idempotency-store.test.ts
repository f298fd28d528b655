import { expect, it } from 'vitest';
import { NoIdempotencyStore } from '../../../../lib/core/idempotency/no-idempotency-store.js';
import { claimOf, identityOf, requestOf } from '../../../support/claims.js';

it('claims each time, and holds every claim', async () => {
  const store = new NoIdempotencyStore();
  const claim = await claimOf(store, 'a');
  const identity = identityOf('a');
  expect(claim).toEqual({ identity, key: identity.body, token: '', fence: claim.fence });
  expect(claim.fence).toBeLessThanOrEqual(Date.now());
  expect([store.renew(), store.record(), store.end()]).toEqual([true, true, true]);
  expect(store.claim(requestOf('a'))).toMatchObject({ status: 'claimed', finished: [] });
});
