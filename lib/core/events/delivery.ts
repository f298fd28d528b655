import type { Violation } from '../errors/revrag-payload.error.js';
import type { PathParams } from '../signature/path-params.js';
import type { SenderHeaders } from '../signature/sender-headers.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';

const NO_VIOLATIONS: readonly Violation[] = Object.freeze([]);

/** The delivery of an event, as handlers see it. */
export class Delivery {
  readonly #verified: VerifiedDelivery;
  #controller: AbortController | undefined;
  #key = '';
  #fence = 0;

  constructor(
    verified: VerifiedDelivery,
    /**
     * Which run of the handler this is, from 1. Always 1 without a queue. In a queue, runs that ended with their
     * process count as well.
     */
    readonly attempt: number = 1,
    /**
     * Where the payload breaks the contract; empty if nowhere. A field named here is null in the payload; an
     * entry of a list is left out. Paths and messages, never a value. At most 51 entries, of which the last
     * counts the rest.
     */
    readonly violations: readonly Violation[] = NO_VIOLATIONS,
  ) {
    this.#verified = verified;
    this.id = verified.id;
    this.type = verified.type;
    this.timestamp = verified.timestamp;
    this.endpoint = verified.endpoint;
  }

  /** X-Webhook-ID as sent. It is not signed: use `key` to tell deliveries apart. */
  readonly id: string;

  /** Event type, such as `call.ended`. */
  readonly type: string;

  /** When the sender signed the delivery. */
  readonly timestamp: Date;

  /** Name of the endpoint that received it. */
  readonly endpoint: string;

  /** Parameters of the endpoint's path; empty for a path without any. Not covered by the signature. */
  get params(): PathParams {
    return this.#verified.params;
  }

  /**
   * Names the delivery: the same for each redelivery, whatever its id. A digest of the endpoint and the signed
   * body that came first. Empty until the delivery is claimed.
   */
  get key(): string {
    return this.#key;
  }

  /**
   * A fence token: grows with each claim on the delivery, so that a write can refuse that of an older run:
   * `UPDATE … SET fence = $1 WHERE fence < $1`. 0 until the delivery is claimed.
   */
  get fence(): number {
    return this.#fence;
  }

  /** The exact bytes that were signed. Not enumerable, so that logging a delivery logs no transcript. */
  get rawBody(): Buffer {
    return this.#verified.rawBody;
  }

  /**
   * The sender's headers by lower-case name, without signature and credentials. Not covered by the signature,
   * and not enumerable.
   */
  get headers(): SenderHeaders {
    return this.#verified.headers;
  }

  /**
   * Aborts when the handler should stop: `handlerTimeout` has passed, the claim on the delivery was
   * lost, or the app is closing and has waited long enough.
   */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  private get controller(): AbortController {
    return (this.#controller ??= new AbortController());
  }

  /** @internal */
  static verified(delivery: Delivery): VerifiedDelivery {
    return delivery.#verified;
  }

  /**
   * The same delivery for another attempt, with a new signal.
   *
   * @internal
   */
  static with(delivery: Delivery, { attempt }: { attempt: number }): Delivery {
    return new Delivery(delivery.#verified, attempt, delivery.violations);
  }

  /** @internal */
  static claimed(delivery: Delivery, key: string, fence: number): void {
    delivery.#key = key;
    delivery.#fence = fence;
  }

  /** @internal */
  static abort(delivery: Delivery, reason: Error): void {
    delivery.controller.abort(reason);
  }
}
