import type { Clock } from '../common/clock.js';
import type {
  ClaimRequest,
  ClaimResult,
  DeliveryIdentity,
  IdempotencyStore,
} from '../idempotency/idempotency-store.js';
import { HeldClaim } from './held-claim.js';
import { storeUnavailable } from '../errors/unavailable.js';

/** Why there is no claim. */
export type NotClaimed = Exclude<ClaimResult, { readonly status: 'claimed' }>;

/** When to retry a delivery whose claim this process holds, in milliseconds. */
const HELD_RETRY_MS = 1_000;

/**
 * The claims of one endpoint. The store is not asked about a delivery whose claim this process holds: whatever
 * the store has lost or given to others, no handler starts while the delivery is being handled (decision 43).
 */
export class Claims {
  /** By call. */
  private readonly held = new Map<string, readonly HeldClaim[]>();
  /** By call: requests to the store in progress, so that two of one process never race. */
  private readonly asking = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: IdempotencyStore,
    private readonly options: Pick<ClaimRequest, 'by' | 'lease' | 'retention'>,
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
  ): Promise<HeldClaim | NotClaimed> {
    for (let asking; (asking = this.asking.get(identity.call));) await asking;
    const held = this.find(identity);
    if (held) return answerOf(held, handlerIds);
    const answer = this.ask(identity, handlerIds, deliveryId);
    const settled = () => this.asking.delete(identity.call);
    this.asking.set(identity.call, answer.then(settled, settled));
    return answer;
  }

  private async ask(
    identity: DeliveryIdentity,
    handlerIds: readonly string[],
    deliveryId: string,
  ): Promise<HeldClaim | NotClaimed> {
    try {
      const result = await this.store.claim({ identity, handlerIds, ...this.options });
      return result.status === 'claimed' ? this.hold(result, deliveryId) : result;
    } catch (cause) {
      const message = 'The idempotency store is unavailable. Send the delivery again.';
      throw storeUnavailable(message, cause);
    }
  }

  private hold(granted: Exclude<ClaimResult, NotClaimed>, deliveryId: string): HeldClaim {
    const claim = new HeldClaim(this.store, granted, this.options, this.clock, deliveryId);
    const { call } = claim.identity;
    const ofCall = this.held.get(call);
    this.held.set(call, ofCall ? [...ofCall, claim] : [claim]);
    claim.onEnd = () => this.letGo(claim);
    return claim;
  }

  private letGo(claim: HeldClaim): void {
    const { call } = claim.identity;
    const others = this.held.get(call)?.filter(other => other !== claim) ?? [];
    if (others.length > 0) this.held.set(call, others);
    else this.held.delete(call);
  }

  private find(identity: DeliveryIdentity): HeldClaim | undefined {
    let match: HeldClaim | undefined;
    for (const claim of this.held.get(identity.call) ?? []) {
      if (claim.isOf(identity.body)) return claim;
      if (this.options.by === 'call' || claim.isOf(identity.id)) match ??= claim;
    }
    return match;
  }
}

/** Handlers that have finished here count, even if the store has not recorded them yet. */
function answerOf(held: HeldClaim, handlerIds: readonly string[]): NotClaimed {
  return handlerIds.every(id => held.hasFinished(id))
    ? { status: 'completed', key: held.key }
    : { status: 'in_progress', retryAfter: HELD_RETRY_MS };
}
