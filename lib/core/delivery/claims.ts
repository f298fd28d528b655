import { isThenable, type Awaitable } from '../common/awaitable.js';
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
  private readonly held = new Map<string, readonly HeldClaim[]>();
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
    for (let asking; (asking = this.asking.get(identity.call));) await asking;
    const held = this.find(identity);
    if (held) return answerOf(held, handlerIds);
    const answer = this.ask(identity, handlerIds);
    if (!isThenable(answer)) return this.hold(answer, deliveryId);
    const settled = () => this.asking.delete(identity.call);
    this.asking.set(identity.call, answer.then(settled, settled));
    return this.hold(await answer, deliveryId);
  }

  private ask(identity: DeliveryIdentity, handlerIds: readonly string[]): Awaitable<ClaimResult> {
    try {
      const answer = this.store.claim({ identity, handlerIds, ...this.options });
      return isThenable(answer) ? Promise.resolve(answer).catch(unavailable) : answer;
    } catch (cause) {
      return unavailable(cause);
    }
  }

  private hold(result: ClaimResult, deliveryId: string): TakenClaim {
    if (result.status !== 'claimed') return result;
    const claim = new HeldClaim(this.store, result, this.options, this.clock, deliveryId);
    const { call } = claim.identity;
    const ofCall = this.held.get(call);
    this.held.set(call, ofCall ? [...ofCall, claim] : [claim]);
    claim.onEnd = () => this.letGo(claim);
    return { status: 'claimed', claim };
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

function unavailable(cause: unknown): never {
  throw storeUnavailable(
    'The idempotency store can not be reached. Send the delivery again.',
    cause,
  );
}

/** What has finished here is done, even while the store has not recorded it. */
function answerOf(held: HeldClaim, handlerIds: readonly string[]): TakenClaim {
  return handlerIds.every(id => held.hasFinished(id))
    ? { status: 'completed', key: held.key }
    : { status: 'in_progress', retryAfter: HELD_RETRY_MS };
}
