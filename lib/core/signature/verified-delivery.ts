import type { WebhookHeaders } from './headers.js';
import type { PathParams } from './path-params.js';
import { senderHeaders, type SenderHeaders } from './sender-headers.js';

/** What accompanied the signed bytes. The signature covers none of it. */
export interface SentWith {
  readonly headers?: WebhookHeaders | undefined;
  readonly params?: PathParams | undefined;
  /**
   * Whether the endpoint's secrets are the same whatever the parameters, so that a sender may choose these.
   *
   * @internal
   */
  readonly hasFixedSecrets?: boolean | undefined;
}

const NO_PARAMS: PathParams = Object.freeze({});

/** A delivery whose signature matched a secret. */
export class VerifiedDelivery {
  readonly #rawBody: Buffer;
  readonly #sent: WebhookHeaders;
  readonly #params: PathParams;
  readonly #hasFixedSecrets: boolean;
  #headers: SenderHeaders | undefined;
  #request: object | undefined;

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
    sent: SentWith = {},
  ) {
    // Destructured here, as declarations would name what is internal.
    const { headers = {}, params = NO_PARAMS, hasFixedSecrets = false } = sent;
    this.#rawBody = rawBody;
    this.#sent = headers;
    this.#params = params;
    this.#hasFixedSecrets = hasFixedSecrets;
  }

  /** The exact bytes that were signed. Not enumerable, so that logging a delivery logs no transcript. */
  get rawBody(): Buffer {
    return this.#rawBody;
  }

  /** Parameters of the endpoint's path; empty for a path without any. Not covered by the signature. */
  get params(): PathParams {
    return this.#params;
  }

  /**
   * The sender's headers by lower-case name, without signature and credentials. Not covered by the signature,
   * and not enumerable.
   */
  get headers(): SenderHeaders {
    return (this.#headers ??= senderHeaders(this.#sent));
  }

  /**
   * Whether the endpoint's secrets are the same whatever the parameters, so that a sender may choose these.
   *
   * @internal
   */
  static hasFixedSecrets(delivery: VerifiedDelivery): boolean {
    return delivery.#hasFixedSecrets;
  }

  /**
   * @param request Undefined when the delivery is over.
   * @internal
   */
  static setRequest(delivery: VerifiedDelivery, request: object | undefined): void {
    delivery.#request = request;
  }

  /**
   * The platform's request, while a delivery that came over HTTP is being received.
   *
   * @internal
   */
  static request(delivery: VerifiedDelivery): object | undefined {
    return delivery.#request;
  }
}
