import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from './idempotency-store.js';

/** Remembers nothing: every delivery is processed (`idempotency: false`). */
export class NoIdempotencyStore extends IdempotencyStore {
  claim({ endpoint, id }: ClaimRequest): Promise<ClaimResult> {
    const claim: Claim = { endpoint, id, token: '' };
    return Promise.resolve({ status: 'claimed', claim, finished: [] });
  }

  renew(): Promise<boolean> {
    return Promise.resolve(true);
  }

  record(): Promise<boolean> {
    return Promise.resolve(true);
  }

  complete(): Promise<boolean> {
    return Promise.resolve(true);
  }

  release(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
