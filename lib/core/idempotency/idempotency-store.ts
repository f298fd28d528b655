import type { Awaitable } from '../common/awaitable.js';

/** What a claim is asked for. */
export interface ClaimRequest {
  /** Name of the endpoint; ids and MACs of different endpoints never meet. */
  readonly endpoint: string;
  /** The delivery's id, as sent. */
  readonly id: string;
  /** Fingerprints of the signed bytes. One seen before under another id makes this the same delivery. */
  readonly macs: readonly string[];
  /** Milliseconds until the claim ends by itself, unless renewed. */
  readonly lease: number;
  /** Milliseconds to remember a MAC's first id. */
  readonly macRetention: number;
}

/**
 * The exclusive, leased right to process a delivery. Once the lease has run out anybody may claim
 * anew; as long as nobody has, the claim is still its owner's, so that one who was merely slow can
 * record what was done.
 */
export interface Claim {
  readonly endpoint: string;
  /** The id claimed: the first one that any of the MACs was seen with. */
  readonly id: string;
  /** The owner; an operation with another one changes nothing. */
  readonly token: string;
}

export type ClaimResult =
  /** `finished`: ids of the handlers that earlier tries have recorded. */
  | { readonly status: 'claimed'; readonly claim: Claim; readonly finished: readonly string[] }
  | { readonly status: 'completed'; readonly id: string }
  /** `retryAfter`: milliseconds until the other owner's lease ends, if it is not renewed. */
  | { readonly status: 'in_progress'; readonly id: string; readonly retryAfter: number };

/**
 * Remembers which deliveries were processed, and by which handlers. Each operation is atomic, and answers
 * with a promise or, where it need not wait for anybody, at once.
 *
 * The class is the injection token as well. Any operation may fail when the store can't be reached;
 * the sender then gets 503 and nothing is acknowledged.
 */
export abstract class IdempotencyStore {
  abstract claim(request: ClaimRequest): Awaitable<ClaimResult>;

  /**
   * Lets the lease run for `lease` milliseconds from now.
   *
   * @returns false, and changes nothing, if the claim is no longer this owner's
   */
  abstract renew(claim: Claim, lease: number): Awaitable<boolean>;

  /**
   * Adds handlers to those that have finished, remembered for `retention` milliseconds.
   *
   * @returns as `renew`
   */
  abstract record(
    claim: Claim,
    handlerIds: readonly string[],
    retention: number,
  ): Awaitable<boolean>;

  /**
   * Ends the claim; the delivery is a duplicate for `retention` milliseconds.
   *
   * @returns as `renew`
   */
  abstract complete(claim: Claim, retention: number): Awaitable<boolean>;

  /**
   * Ends the claim after adding to the handlers that have finished; the next delivery may claim at once.
   *
   * @returns as `renew`
   */
  abstract release(
    claim: Claim,
    handlerIds: readonly string[],
    retention: number,
  ): Awaitable<boolean>;

  /** Closes what the store opened itself, when the app has shut down. May be called again. */
  close?(): Promise<void>;
}
