import { wholeOf, type BodyBytes } from '../common/raw-bytes.js';
import type { WebhookHeaders } from './headers.js';

/** How a delivery came. */
export interface DeliveryOrigin {
  readonly headers: WebhookHeaders;
  /** The platform's request, where it came over HTTP. */
  readonly request?: object;
}

/** A delivery whose signature matched a secret. */
export class VerifiedDelivery {
  readonly #body: BodyBytes;
  readonly #macs: readonly string[];
  #origin: DeliveryOrigin | undefined;

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
    macs: readonly string[],
  ) {
    this.#body = body;
    this.#macs = macs;
  }

  /** The exact bytes that were signed. Not enumerable, so that logging a delivery does not log a transcript. */
  get rawBody(): Buffer {
    return wholeOf(this.#body);
  }

  /** Fingerprints of the signed bytes: the same bytes have one in common, under whichever id they come. */
  get macs(): readonly string[] {
    return this.#macs;
  }

  /** @internal */
  static setOrigin(delivery: VerifiedDelivery, origin: DeliveryOrigin): void {
    delivery.#origin = origin;
  }

  /** @internal */
  static origin(delivery: VerifiedDelivery): DeliveryOrigin | undefined {
    return delivery.#origin;
  }

  /** @internal */
  static body(delivery: VerifiedDelivery): BodyBytes {
    return delivery.#body;
  }
}
