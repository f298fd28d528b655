import { timingSafeEqual } from 'node:crypto';
import type { HmacKey } from './hmac-key.js';

/**
 * RevRag's signing scheme: hex HMAC-SHA256 over `{timestamp}.{raw_body}`, sent as
 * `t=<timestamp>,v1=<hex>` (the provider's page "In-app webhooks", "Security & headers").
 */
export function computeMac(
  key: HmacKey,
  timestamp: string,
  rawBody: Uint8Array,
  encoding: 'hex' | 'base64url',
): string {
  return key.mac(`${timestamp}.`, rawBody, encoding);
}

/** The value of X-Webhook-Signature for a body. */
export function signatureHeader(key: HmacKey, timestamp: string, rawBody: Uint8Array): string {
  return `t=${timestamp},v1=${computeMac(key, timestamp, rawBody, 'hex')}`;
}

const MAC_BYTES = 32;

/**
 * Compares digests, each comparison in constant time and in memory of its own: Buffers made for every
 * delivery cost more than the comparison.
 */
export class MacChecker {
  private readonly computed = Buffer.alloc(MAC_BYTES);
  private readonly sent = Buffer.alloc(MAC_BYTES);

  /**
   * Looks for a digest that one of the keys makes of the bytes.
   *
   * Stops at the first key that matches, unless the sender gave several digests: then all are
   * computed, so that the same bytes are known again whichever of the digests comes with them.
   *
   * @param digests In hex.
   * @returns every MAC that was computed on the way, in base64url; together they are the delivery's
   * identity. Undefined where none matched.
   */
  check(
    keys: readonly HmacKey[],
    digests: readonly string[],
    timestamp: string,
    rawBody: Uint8Array,
  ): readonly string[] | undefined {
    const macs: string[] = [];
    let matched = false;
    for (const key of keys) {
      const mac = computeMac(key, timestamp, rawBody, 'base64url');
      macs.push(mac);
      for (const digest of digests) {
        if (this.equal(mac, digest)) matched = true;
      }
      if (matched && digests.length === 1) break;
    }
    return matched ? macs : undefined;
  }

  private equal(mac: string, digest: string): boolean {
    // Written in full or not compared: what an earlier delivery left must never count.
    return (
      this.computed.write(mac, 'base64url') === MAC_BYTES &&
      this.sent.write(digest, 'hex') === MAC_BYTES &&
      timingSafeEqual(this.computed, this.sent)
    );
  }
}
