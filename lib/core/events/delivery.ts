import type { WebhookHeaders } from '../signature/headers.js';
import { VerifiedDelivery } from '../signature/verified-delivery.js';

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

  /** The exact bytes that were signed. Not enumerable, so that logging a delivery does not log a transcript. */
  get rawBody(): Buffer {
    return this.#verified.rawBody;
  }

  /**
   * The headers it came with, names in lower case; those of the delivery itself are not covered by the
   * signature. Not enumerable. Empty for a delivery out of a queue.
   */
  get headers(): Readonly<Record<string, string | readonly string[] | undefined>> {
    return toRecord(VerifiedDelivery.origin(this.#verified)?.headers ?? {});
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

  /** @internal */
  static abort(delivery: Delivery, reason: Error): void {
    delivery.controller.abort(reason);
  }
}

function toRecord(headers: WebhookHeaders): Delivery['headers'] {
  if (headers instanceof Headers) return Object.fromEntries(headers);
  return Object.fromEntries(
    Object.entries(headers as Delivery['headers']).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
}
