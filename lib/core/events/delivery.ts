import type { Violation } from '../errors/revrag-payload.error.js';
import type { SenderHeaders } from '../signature/sender-headers.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';

const NO_VIOLATIONS: readonly Violation[] = Object.freeze([]);

/** What a handler learns of the delivery that brought its payload. */
export class Delivery {
  readonly #verified: VerifiedDelivery;
  #controller: AbortController | undefined;

  constructor(
    verified: VerifiedDelivery,
    /**
     * Unique id for deduplication. Where the same signed bytes came under several ids, the first one.
     */
    readonly id: string = verified.id,
    /**
     * Which run of the handler this is, from 1. Always 1 where handlers run before the sender is
     * answered; in a queue, runs that ended with their process count as well.
     */
    readonly attempt: number = 1,
    /**
     * Where the payload breaks the contract; empty for one that keeps it. A field named here is null in
     * the payload, an entry of a list is left out. Paths and messages, never a value: what was sent is
     * in `rawBody`. At most 51; the last one then counts the rest.
     */
    readonly violations: readonly Violation[] = NO_VIOLATIONS,
  ) {
    this.#verified = verified;
    this.type = verified.type;
    this.timestamp = verified.timestamp;
    this.endpoint = verified.endpoint;
  }

  /** Event type, such as `call.ended`. */
  readonly type: string;

  /** When the sender signed the delivery. */
  readonly timestamp: Date;

  /** Name of the endpoint that received it. */
  readonly endpoint: string;

  /** Parameters of the endpoint's path; empty for a path without any. Not covered by the signature. */
  get params(): Readonly<Record<string, string>> {
    return this.#verified.params;
  }

  /** The exact bytes that were signed. Not enumerable, so that logging a delivery does not log a transcript. */
  get rawBody(): Buffer {
    return this.#verified.rawBody;
  }

  /**
   * The headers that the sender sent, by lower-case name, without signature and credentials. Not covered
   * by the signature, and not enumerable. Empty for a delivery that a queue has kept.
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
   * The same delivery under another id or for another attempt, with a signal of its own.
   *
   * @internal
   */
  static with(delivery: Delivery, changes: { id?: string; attempt?: number }): Delivery {
    const { id = delivery.id, attempt = delivery.attempt } = changes;
    return new Delivery(delivery.#verified, id, attempt, delivery.violations);
  }

  /** @internal */
  static abort(delivery: Delivery, reason: Error): void {
    delivery.controller.abort(reason);
  }
}
