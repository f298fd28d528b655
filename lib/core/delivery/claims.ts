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

/** When it is worth asking again for a claim that this process holds itself, in milliseconds. */
const HELD_RETRY_MS = 1_000;

/**
 * The claims of one endpoint. Those that this process holds are known here and never asked for: whatever the
 * store has forgotten or given to others, a handler does not start for a delivery that is being handled.
 */
export class Claims {
  /** By call. */
  private readonly held = new Map<string, Set<HeldClaim>>();
  /** By call: questions under way, so that two of one process never race. */
  private readonly asking = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: IdempotencyStore,
    private readonly options: ClaimOptions,
    private readonly clock: Clock,
  ) {}

  /**
   * @param handlerIds Of the handlers that are to run; at least one.
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
        'The idempotency store can not be reached. Send the delivery again.',
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

/** What has finished here is done, even while the store has not recorded it. */
function answerOf(held: HeldClaim, handlerIds: readonly string[]): TakenClaim {
  return handlerIds.every(id => held.hasFinished(id))
    ? { status: 'completed', key: held.key }
    : { status: 'in_progress', retryAfter: HELD_RETRY_MS };
}
