import type { Clock } from '../common/clock.js';
import { RevragBodyError } from '../errors/revrag-body.error.js';
import { RevragSignatureError } from '../errors/revrag-signature.error.js';
import { readHead, type DeliveryHead, type WebhookHeaders } from './headers.js';
import type { HmacKey } from './hmac-key.js';
import { MacChecker } from './scheme.js';
import { RawBytes, type BodyBytes } from '../common/raw-bytes.js';
import type { SecretKeys } from './secret-keys.js';
import { VerifiedDelivery } from './verified-delivery.js';

/** Turns headers and bytes into a verified delivery, or refuses them. */
export class SignatureVerifier {
  private readonly macs = new MacChecker();

  constructor(
    private readonly endpoint: string,
    private readonly keys: SecretKeys,
    /** Milliseconds, both ways. */
    private readonly tolerance: number,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /**
   * Everything that the headers alone decide, so that a body may be left unread.
   *
   * @param at What the timestamp is held against, in milliseconds since the Unix epoch.
   * @throws RevragSignatureError `missing_header`, `malformed_header`, `timestamp_out_of_tolerance`
   */
  readHead(headers: WebhookHeaders, at = this.clock.now()): DeliveryHead {
    const head = readHead(headers);
    this.checkAge(head, at);
    return head;
  }

  /** @throws RevragSignatureError as `readHead`, or `signature_mismatch` */
  async verify(
    rawBody: RawBytes | Uint8Array | string,
    headers: WebhookHeaders,
    receivedAt?: Date,
  ): Promise<VerifiedDelivery> {
    return this.check(this.readHead(headers, receivedAt?.getTime()), rawBody);
  }

  /**
   * The second half of `verify`, for a head that was read before the body came. The answer comes at once
   * where the keys are at hand and one matches, as it nearly always is.
   */
  verifyBody(
    head: DeliveryHead,
    rawBody: RawBytes | Uint8Array | string,
    at = this.clock.now(),
  ): VerifiedDelivery | Promise<VerifiedDelivery> {
    // A body may take minutes to arrive; without this a held-open replay outlives the tolerance.
    this.checkAge(head, at);
    return this.check(head, rawBody);
  }

  private check(
    head: DeliveryHead,
    rawBody: RawBytes | Uint8Array | string,
  ): VerifiedDelivery | Promise<VerifiedDelivery> {
    const bytes = toBody(rawBody);
    const keys = this.keys.current();
    if (keys instanceof Promise) return this.checkLater(keys, head, bytes);
    return this.match(keys, head, bytes) ?? this.checkWithNewer(keys, head, bytes);
  }

  private async checkLater(
    coming: Promise<readonly HmacKey[]>,
    head: DeliveryHead,
    bytes: BodyBytes,
  ): Promise<VerifiedDelivery> {
    const keys = await coming;
    return this.match(keys, head, bytes) ?? this.checkWithNewer(keys, head, bytes);
  }

  /** A secret may have been replaced at its source a moment ago. */
  private async checkWithNewer(
    tried: readonly HmacKey[],
    head: DeliveryHead,
    bytes: BodyBytes,
  ): Promise<VerifiedDelivery> {
    const newer = await this.keys.newer(tried);
    const delivery = newer && this.match(newer, head, bytes);
    if (delivery) return delivery;
    throw new RevragSignatureError(
      'signature_mismatch',
      'The signature matches no secret of this endpoint. Likely causes: the secret here is not the ' +
        'one agreed on, or something between sender and verification changed the body, such as ' +
        'parsing and serialising it again.',
    );
  }

  private checkAge(head: DeliveryHead, at: number): void {
    const age = at - head.sentAt;
    // Written so that NaN, as of an invalid receivedAt, is refused.
    if (Math.abs(age) <= this.tolerance) return;
    throw new RevragSignatureError(
      'timestamp_out_of_tolerance',
      `X-Webhook-Timestamp is ${Math.round(Math.abs(age) / 1000)} s ${age < 0 ? 'ahead of' : 'behind'} ` +
        `this server's clock; ${this.tolerance / 1000} s are tolerated.`,
    );
  }

  private match(
    keys: readonly HmacKey[],
    head: DeliveryHead,
    bytes: BodyBytes,
  ): VerifiedDelivery | undefined {
    const { id, type, timestamp, sentAt, digests } = head;
    const macs = this.macs.check(keys, digests, timestamp, bytes);
    return macs && new VerifiedDelivery(id, type, new Date(sentAt), this.endpoint, bytes);
  }
}

function toBody(rawBody: unknown): BodyBytes {
  if (Buffer.isBuffer(rawBody) || rawBody instanceof RawBytes) return rawBody;
  if (rawBody instanceof Uint8Array) {
    return Buffer.from(rawBody.buffer, rawBody.byteOffset, rawBody.byteLength);
  }
  if (typeof rawBody === 'string') return Buffer.from(rawBody, 'utf8');
  throw new RevragBodyError(
    'raw_body_missing',
    `The body must be given as the bytes that were received, not as a value of type ${typeof rawBody}. ` +
      'Was it parsed already? Serialising it again does not bring the signed bytes back.',
  );
}
