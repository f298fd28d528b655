import { wholeOf, type BodyBytes } from '../common/raw-bytes.js';

/** A delivery whose signature matched a secret. */
export class VerifiedDelivery {
  readonly #body: BodyBytes;

  constructor(
    /** X-Webhook-ID: opaque, and not covered by the signature. */
    readonly id: string,
    /** X-Webhook-Event, such as `call.ended`; not covered by the signature. */
    readonly type: string,
    /** X-Webhook-Timestamp: when the sender signed it. */
    readonly timestamp: Date,
    /** Name of the endpoint whose secret matched. */
    readonly endpoint: string,
    body: BodyBytes,
  ) {
    this.#body = body;
  }

  /** The exact bytes that were signed. Not enumerable, so that logging a delivery does not log a transcript. */
  get rawBody(): Buffer {
    return wholeOf(this.#body);
  }

  /** @internal */
  static body(delivery: VerifiedDelivery): BodyBytes {
    return delivery.#body;
  }
}
