import { randomUUID } from 'node:crypto';
import { digest } from '../core/common/digest.js';
import type {
  Claim,
  ClaimRequest,
  ClaimResult,
  DeliveryIdentity,
  IdempotencyStore,
} from '../core/idempotency/idempotency-store.js';

/** Longer than any test takes. */
export const LONG = 10 * 60_000;
/** Over as soon as it has begun. */
export const SHORT = 1;
/** Waits for longer than SHORT. */
export const shortly = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 50));
/** How long a case waits for what must happen, in milliseconds; nothing waits longer than it has to. */
const PATIENCE_MS = 30_000;

/** A store with shorthands, and a call that no other case has. */
export class StoreProbe {
  private readonly scope = randomUUID();

  constructor(readonly store: IdempotencyStore) {}

  identity(body: string, id = 'id', call = 'call'): DeliveryIdentity {
    return {
      call: digest(this.scope, call),
      body: digest(this.scope, body),
      id: digest(this.scope, id),
    };
  }

  async ask(identity: DeliveryIdentity, more: Partial<ClaimRequest> = {}): Promise<ClaimResult> {
    return this.store.claim({
      identity,
      by: 'delivery',
      handlerIds: ['A'],
      lease: LONG,
      retention: LONG,
      ...more,
    });
  }

  async claim(identity: DeliveryIdentity, more?: Partial<ClaimRequest>): Promise<Claim> {
    const result = await this.ask(identity, more);
    if (result.status === 'claimed') return result.claim;
    throw new Error(`expected a claim, got ${result.status}`);
  }

  async finished(identity: DeliveryIdentity, handlerIds: readonly string[]): Promise<string[]> {
    const result = await this.ask(identity, { handlerIds: [...handlerIds, randomUUID()] });
    if (result.status !== 'claimed') throw new Error(`expected a claim, got ${result.status}`);
    await this.store.end(result.claim, { handlerIds: [], retention: LONG });
    return [...result.finished].sort();
  }

  async end(claim: Claim, handlerIds: readonly string[], retention = LONG): Promise<boolean> {
    return this.store.end(claim, { handlerIds, retention });
  }

  async record(claim: Claim, handlerIds: readonly string[]): Promise<boolean> {
    return this.store.record(claim, { handlerIds, retention: LONG });
  }

  async renew(claim: Claim, lease = LONG): Promise<boolean> {
    return this.store.renew(claim, lease);
  }

  /** Asks until the claim is given. */
  async claimInTheEnd(identity: DeliveryIdentity, more?: Partial<ClaimRequest>): Promise<Claim> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const result = await this.ask(identity, more);
      if (result.status === 'claimed') return result.claim;
      if (performance.now() > until) throw new Error(`still ${result.status}`);
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }
}
