import type { WebhookHeaders } from './headers.js';
import { senderHeaders, type SenderHeaders } from './sender-headers.js';

/** What came with the signed bytes. None of it is covered by the signature. */
export interface SentWith {
  readonly headers?: WebhookHeaders | undefined;
  readonly params?: Readonly<Record<string, string>> | undefined;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

/** A delivery whose signature matched a secret. */
export class VerifiedDelivery {
  readonly #body: Buffer;
  readonly #macs: readonly string[];
  readonly #sent: WebhookHeaders;
  readonly #params: Readonly<Record<string, string>>;
  #headers: SenderHeaders | undefined;

  constructor(
    /** X-Webhook-ID: opaque, and not covered by the signature. */
    readonly id: string,
    /** X-Webhook-Event, such as `call.ended`; not covered by the signature. */
    readonly type: string,
    /** X-Webhook-Timestamp: when the sender signed it. */
    readonly timestamp: Date,
    /** Name of the endpoint whose secret matched. */
    readonly endpoint: string,
    body: Buffer,
    macs: readonly string[],
    { headers = {}, params = NO_PARAMS }: SentWith = {},
  ) {
    this.#body = body;
    this.#macs = macs;
    this.#sent = headers;
    this.#params = params;
  }

  /** Parameters of the endpoint's path; empty for a path without any. Not covered by the signature. */
  get params(): Readonly<Record<string, string>> {
    return this.#params;
  }

  /** The exact bytes that were signed. Not enumerable, so that logging a delivery does not log a transcript. */
  get rawBody(): Buffer {
    return this.#body;
  }

  /**
   * The headers that the sender sent, by lower-case name, without signature and credentials. Not covered
   * by the signature, and not enumerable. Empty for a delivery that a queue has kept.
   */
  get headers(): SenderHeaders {
    return (this.#headers ??= senderHeaders(this.#sent));
  }

  /** Fingerprints of the signed bytes: the same bytes have one in common, under whichever id they come. */
  get macs(): readonly string[] {
    return this.#macs;
  }
}
