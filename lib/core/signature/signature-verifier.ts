import type { Clock } from '../common/clock.js';
import { RevragBodyError } from '../errors/revrag-body.error.js';
import { RevragSignatureError } from '../errors/revrag-signature.error.js';
import { optionalHeader, readHead, type DeliveryHead, type WebhookHeaders } from './headers.js';
import type { PathParams } from './path-params.js';
import { matches, type SigningKeys } from './scheme.js';
import type { SecretKeys } from './secret-keys.js';
import type { SecretRequest } from './secrets.js';
import { VerifiedDelivery } from './verified-delivery.js';

/** The bytes as received. Text is taken as UTF-8; parsed and serialised JSON is no substitute. */
export type RawBody = Buffer | Uint8Array | string;

export interface ReceivedOptions {
  /**
   * When the delivery arrived, if it waited in a queue since. Its timestamp is compared with this time instead
   * of the clock.
   */
  receivedAt?: Date | undefined;
  /** The parameters of the endpoint's path, for a secret function that depends on them. */
  params?: PathParams | undefined;
}

/** Turns headers and bytes into a verified delivery, or rejects them. */
export class SignatureVerifier {
  constructor(
    private readonly endpoint: string,
    private readonly keys: SecretKeys,
    /** Milliseconds, both ways. */
    private readonly tolerance: number,
    private readonly clock: Pick<Clock, 'now'>,
    /** Names of the headers that the secret depends on, in lower case. */
    private readonly secretHeaders: readonly string[] = [],
  ) {}

  /**
   * Checks everything that the headers alone decide, before the body is read.
   *
   * @param at The time that the timestamp is compared with, in milliseconds since the Unix epoch.
   * @param params The parameters of the endpoint's path.
   * @throws RevragSignatureError `missing_header`, `malformed_header`, `timestamp_out_of_tolerance`
   */
  readHead(headers: WebhookHeaders, at = this.clock.now(), params: PathParams = {}): DeliveryHead {
    const head = readHead(headers, this.requestOf(headers, params));
    this.checkAge(head, at);
    return head;
  }

  /**
   * Gets the keys that `verifyBody` needs. Call it before a body is read.
   *
   * @throws RevragUnknownEndpointError (404) for params or headers without a secret
   * @throws RevragUnavailableError `secret_unavailable` (503)
   */
  async prepare(head: DeliveryHead): Promise<void> {
    await this.keys.keysFor(head.secretRequest);
  }

  /** Whether a delivery that one of them verifies may be genuine to the other as well. */
  sharesSecretWith(other: SignatureVerifier): boolean {
    return this.keys.overlap(other.keys);
  }

  /** @throws RevragSignatureError as `readHead`, or `signature_mismatch`; and as `prepare` */
  async verify(
    rawBody: RawBody,
    headers: WebhookHeaders,
    { receivedAt, params }: ReceivedOptions = {},
  ): Promise<VerifiedDelivery> {
    return this.check(this.readHead(headers, receivedAt?.getTime(), params), toBuffer(rawBody));
  }

  /** The second half of `verify`, for a head that was read before the body. */
  async verifyBody(
    head: DeliveryHead,
    rawBody: RawBody,
    at = this.clock.now(),
  ): Promise<VerifiedDelivery> {
    // Checked again: a replay could hold its body back until the tolerance is over.
    this.checkAge(head, at);
    return this.check(head, toBuffer(rawBody));
  }

  private async check(head: DeliveryHead, rawBody: Buffer): Promise<VerifiedDelivery> {
    const keys = await this.keys.keysFor(head.secretRequest);
    const delivery = this.match(keys, head, rawBody);
    if (delivery) return delivery;
    // The secret may have been replaced a moment ago.
    const newer = await this.keys.newerFor(head.secretRequest, keys);
    const late = newer && this.match(newer, head, rawBody);
    if (late) return late;
    throw new RevragSignatureError(
      'signature_mismatch',
      'The signature matches no secret of this endpoint. Likely causes: the secret here differs from the ' +
        'one agreed on, or something changed the body before it was verified, such as parsing and ' +
        'serialising it again.',
    );
  }

  private checkAge(head: DeliveryHead, at: number): void {
    const age = at - head.sentAt;
    // This way round, NaN (from an invalid receivedAt) is rejected.
    if (Math.abs(age) <= this.tolerance) return;
    throw new RevragSignatureError(
      'timestamp_out_of_tolerance',
      `X-Webhook-Timestamp is ${Math.round(Math.abs(age) / 1000)} s ${age < 0 ? 'ahead of' : 'behind'} ` +
        `this server's clock; ${this.tolerance / 1000} s are tolerated.`,
    );
  }

  private match(
    keys: SigningKeys,
    head: DeliveryHead,
    rawBody: Buffer,
  ): VerifiedDelivery | undefined {
    const { id, type, timestamp, sentAt, digests, secretRequest, headers } = head;
    if (!matches(keys, digests, timestamp, rawBody)) return undefined;
    const sent = {
      headers,
      params: secretRequest.params,
      hasFixedSecrets: this.keys.hasFixedSecrets,
    };
    return new VerifiedDelivery(id, type, new Date(sentAt), this.endpoint, rawBody, sent);
  }

  private requestOf(sent: WebhookHeaders, params: PathParams): SecretRequest {
    const headers: Record<string, string> = {};
    for (const name of this.secretHeaders) {
      const value = optionalHeader(sent, name);
      if (value !== undefined) headers[name] = value;
    }
    return { endpoint: this.endpoint, params, headers };
  }
}

function toBuffer(rawBody: unknown): Buffer {
  if (Buffer.isBuffer(rawBody)) return rawBody;
  if (rawBody instanceof Uint8Array) {
    return Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength);
  }
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8');
  throw new RevragBodyError(
    'raw_body_missing',
    `The body must be the bytes that were received, not a value of type ${typeof rawBody}. Was it parsed ` +
      'already? Serialising it again does not restore the signed bytes.',
  );
}
