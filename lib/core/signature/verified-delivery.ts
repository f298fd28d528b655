import type { PathParams } from './path-params.js';

/** A delivery whose signature matched a secret. */
export class VerifiedDelivery {
  readonly #rawBody: Buffer;
  readonly #params: PathParams;

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
    params: PathParams = {},
  ) {
    this.#rawBody = rawBody;
    this.#params = params;
  }

  /** The exact bytes that were signed. Not enumerable, so that logging a delivery does not log a transcript. */
  get rawBody(): Buffer {
    return this.#rawBody;
  }

  /** The parameters of the endpoint's path. */
  get params(): PathParams {
    return this.#params;
  }

  /** @internal */
  static body(delivery: VerifiedDelivery): Buffer {
    return delivery.#rawBody;
  }
}
