/** A delivery whose signature matched a secret. */
export class VerifiedDelivery {
  readonly #rawBody: Buffer;
  readonly #macs: readonly string[];

  constructor(
    /** X-Webhook-ID: opaque, and not covered by the signature. */
    readonly id: string,
    /** X-Webhook-Event, such as `call.ended`; not covered by the signature. */
    readonly type: string,
    /** X-Webhook-Timestamp: when the sender signed it. */
    readonly timestamp: Date,
    /** Name of the endpoint whose secret matched. */
    readonly endpoint: string,
    rawBody: Buffer,
    macs: readonly string[],
  ) {
    this.#rawBody = rawBody;
    this.#macs = macs;
  }

  /** The exact bytes that were signed. Not enumerable, so that logging a delivery does not log a transcript. */
  get rawBody(): Buffer {
    return this.#rawBody;
  }

  /** Fingerprints of the signed bytes: the same bytes have one in common, under whichever id they come. */
  get macs(): readonly string[] {
    return this.#macs;
  }
}
