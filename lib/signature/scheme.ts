import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

/**
 * RevRag's signing scheme: hex HMAC-SHA256 over `{timestamp}.{raw_body}`, sent as
 * `t=<timestamp>,v1=<hex>` (the provider's page "In-app webhooks", "Security & headers").
 */
export function computeMac(
  key: KeyObject,
  timestamp: string,
  rawBody: Uint8Array,
  encoding: 'hex' | 'base64url',
): string {
  // Asked for as a Buffer, the digest gets memory of its own, which costs a small body a fifth of its HMAC.
  return createHmac('sha256', key).update(`${timestamp}.`).update(rawBody).digest(encoding);
}

/** Prepares a secret once, so that no delivery pays for it. */
export const prepareKey = (secret: string): KeyObject => createSecretKey(secret, 'utf8');

/** The value of X-Webhook-Signature for a body. */
export function signatureHeader(key: KeyObject, timestamp: string, rawBody: Uint8Array): string {
  return `t=${timestamp},v1=${computeMac(key, timestamp, rawBody, 'hex')}`;
}

export interface MacCheck {
  readonly matched: boolean;
  /** Every digest that was computed on the way, in base64url; together they are the delivery's identity. */
  readonly computed: readonly string[];
}

/**
 * Looks for a digest that one of the keys makes of the bytes, each comparison in constant time.
 *
 * Stops at the first key that matches, unless the sender gave several digests: then all are
 * computed, so that the same bytes are known again whichever of the digests comes with them.
 */
export function checkMac(
  keys: readonly KeyObject[],
  digests: readonly Buffer[],
  timestamp: string,
  rawBody: Uint8Array,
): MacCheck {
  const computed: string[] = [];
  let matched = false;
  for (const key of keys) {
    const mac = computeMac(key, timestamp, rawBody, 'base64url');
    computed.push(mac);
    const bytes = Buffer.from(mac, 'base64url');
    for (const digest of digests) {
      if (timingSafeEqual(bytes, digest)) matched = true;
    }
    if (matched && digests.length === 1) break;
  }
  return { matched, computed };
}
