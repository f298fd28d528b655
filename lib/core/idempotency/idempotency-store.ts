import type { Awaitable } from '../common/awaitable.js';

/**
 * What a delivery is known by. The parts are digests in base64url: short, safe in a key, and without a byte of the
 * payload.
 */
export interface DeliveryIdentity {
  /** A digest of the endpoint and the call that the body names; of the endpoint and the body if it names none. */
  readonly call: string;
  /**
   * A digest of the endpoint and the body: the same bytes are the same delivery, whatever their id, type, time and
   * signature.
   */
  readonly body: string;
  /** A digest of the id: the same id with the same call is the same delivery, whatever its bytes. */
  readonly id: string;
}

/** What makes two deliveries of one call the same: body or id, or the call alone. */
export type IdempotencyScope = 'delivery' | 'call';

export interface ClaimRequest {
  readonly identity: DeliveryIdentity;
  readonly by: IdempotencyScope;
  /** Ids of the handlers that are to run; at least one. */
  readonly handlerIds: readonly string[];
  /** Milliseconds until the claim ends unless it is renewed. */
  readonly lease: number;
  /** Milliseconds to remember the delivery and the handlers that have finished. */
  readonly retention: number;
}

/**
 * The exclusive right to process a delivery. The owner keeps it until another process has claimed the delivery:
 * an owner that was slow, or whose claim the store has lost, can still record what it has done.
 */
export interface Claim {
  /** As asked for. */
  readonly identity: DeliveryIdentity;
  /** Names the delivery in the store: the digest of the body that came first. */
  readonly key: string;
  /** Names the owner. An operation with another token does not change the claim. */
  readonly token: string;
  /** Greater than that of each earlier claim on the delivery. */
  readonly fence: number;
}

export type ClaimResult =
  /** `finished`: those of the request's handlers that have finished before. */
  | { readonly status: 'claimed'; readonly claim: Claim; readonly finished: readonly string[] }
  /** None of the request's handlers is left. `key` as in `Claim`. */
  | { readonly status: 'completed'; readonly key: string }
  /** Somebody else holds the claim. `retryAfter`: milliseconds until it is worth asking again. */
  | { readonly status: 'in_progress'; readonly retryAfter: number };

/** What an owner has done. */
export interface Progress {
  /** Ids of handlers that have finished; added to those recorded before. */
  readonly handlerIds: readonly string[];
  /** Milliseconds to remember them. */
  readonly retention: number;
}

/**
 * Remembers which handlers have finished for which delivery. Each operation is atomic and returns a promise or,
 * if it need not wait, a plain value.
 *
 * The class is also the injection token. An operation may reject while the store is unreachable: the sender then
 * gets 503 and nothing is acknowledged. `idempotencyStoreContract()` of `nestjs-revrag-webhook/testing` tests an
 * implementation.
 */
export abstract class IdempotencyStore {
  /** Gives the claim to the first request, unless all its handlers have finished. */
  abstract claim(request: ClaimRequest): Awaitable<ClaimResult>;

  /**
   * Extends the lease to `lease` milliseconds from now. Writes the claim again if the store has lost it.
   *
   * @returns false, and changes nothing, if somebody else holds the delivery
   */
  abstract renew(claim: Claim, lease: number): Awaitable<boolean>;

  /**
   * Records progress while other handlers still run. A finished handler counts even if another owner holds the delivery.
   *
   * @returns false if somebody else holds the delivery
   */
  abstract record(claim: Claim, progress: Progress): Awaitable<boolean>;

  /**
   * Records progress, as `record`, and ends the claim: the next request may claim what is left.
   *
   * @returns false, and ends nothing, if somebody else holds the delivery
   */
  abstract end(claim: Claim, progress: Progress): Awaitable<boolean>;

  /** Closes what the store opened itself, when the app has shut down. May be called again. */
  close?(): Promise<void>;
}
