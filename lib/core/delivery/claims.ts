import type { Clock } from '../common/clock.js';
import type {
  ClaimResult,
  DeliveryIdentity,
  IdempotencyScope,
  IdempotencyStore,
} from '../idempotency/idempotency-store.js';
import { HeldClaim } from './held-claim.js';
import { storeUnavailable } from './unavailable.js';

export interface ClaimOptions {
  readonly by: IdempotencyScope;
  /** Milliseconds. */
  readonly lease: number;
  /** Milliseconds. */
  readonly retention: number;
}

export type TakenClaim =
  | { readonly status: 'claimed'; readonly claim: HeldClaim }
  | Exclude<ClaimResult, { readonly status: 'claimed' }>;

/** When to retry a delivery whose claim this process holds, in milliseconds. */
const HELD_RETRY_MS = 1_000;

/**
 * The claims of one endpoint. The store is not asked about a delivery whose claim this process holds: whatever
 * the store has lost or given to others, no handler starts while the delivery is being handled (decision 43).
 */
export class Claims {
  /** By call. */
  private readonly held = new Map<string, Set<HeldClaim>>();
  /** By call: requests to the store in progress, so that two of one process never race. */
  private readonly asking = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: IdempotencyStore,
    private readonly options: ClaimOptions,
    private readonly clock: Clock,
  ) {}

  /**
   * @param handlerIds Ids of the handlers to run; at least one.
   * @param deliveryId For the log.
   * @throws RevragUnavailableError `store_unavailable`
   */
  async take(
    identity: DeliveryIdentity,
    handlerIds: readonly string[],
    deliveryId: string,
  ): Promise<TakenClaim> {
    for (;;) {
      const asking = this.asking.get(identity.call);
      if (!asking) break;
      await asking;
    }
    const held = this.find(identity);
    if (held) return answerOf(held, handlerIds);
    const answer = this.ask(identity, handlerIds, deliveryId);
    const asked = answer.then(
      () => this.asking.delete(identity.call),
      () => this.asking.delete(identity.call),
    );
    this.asking.set(identity.call, asked);
    return answer;
  }

  private async ask(
    identity: DeliveryIdentity,
    handlerIds: readonly string[],
    deliveryId: string,
  ): Promise<TakenClaim> {
    let result: ClaimResult;
    try {
      result = await this.store.claim({ identity, handlerIds, ...this.options });
    } catch (cause) {
      throw storeUnavailable(
        'The idempotency store is unavailable. Send the delivery again.',
        cause,
      );
    }
    if (result.status !== 'claimed') return result;
    const claim = new HeldClaim(this.store, result, this.options, this.clock, deliveryId);
    this.hold(claim);
    return { status: 'claimed', claim };
  }

  private find(identity: DeliveryIdentity): HeldClaim | undefined {
    let match: HeldClaim | undefined;
    for (const claim of this.held.get(identity.call) ?? []) {
      if (claim.isOf(identity.body)) return claim;
      if (this.options.by === 'call' || claim.isOf(identity.id)) match ??= claim;
    }
    return match;
  }

  private hold(claim: HeldClaim): void {
    const { call } = claim.identity;
    const ofCall = this.held.get(call) ?? new Set();
    this.held.set(call, ofCall.add(claim));
    claim.onEnd = () => {
      ofCall.delete(claim);
      if (ofCall.size === 0) this.held.delete(call);
    };
  }
}

/** Handlers that have finished here count, even if the store has not recorded them yet. */
function answerOf(held: HeldClaim, handlerIds: readonly string[]): TakenClaim {
  return handlerIds.every(id => held.hasFinished(id))
    ? { status: 'completed', key: held.key }
    : { status: 'in_progress', retryAfter: HELD_RETRY_MS };
}
