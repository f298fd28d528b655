import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from './idempotency-store.js';

/** Remembers nothing, so that handlers run for each delivery (`idempotency: false`). */
export class NoIdempotencyStore extends IdempotencyStore {
  claim({ identity }: ClaimRequest): ClaimResult {
    const claim: Claim = { identity, key: identity.body, token: '', fence: Date.now() };
    return { status: 'claimed', claim, finished: [] };
  }

  renew(): boolean {
    return true;
  }

  record(): boolean {
    return true;
  }

  end(): boolean {
    return true;
  }
}
