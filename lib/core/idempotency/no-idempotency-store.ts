import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from './idempotency-store.js';

/** Remembers nothing: every delivery is processed (`idempotency: false`). */
export class NoIdempotencyStore extends IdempotencyStore {
  claim({ endpoint, id }: ClaimRequest): ClaimResult {
    const claim: Claim = { endpoint, id, token: '' };
    return { status: 'claimed', claim, finished: [] };
  }

  renew(): boolean {
    return true;
  }

  record(): boolean {
    return true;
  }

  complete(): boolean {
    return true;
  }

  release(): boolean {
    return true;
  }
}
