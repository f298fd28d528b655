import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

/** A secret, prepared for HMAC. Inspecting it shows nothing. */
export type SigningKey = KeyObject;

/** The keys of one endpoint: several while one secret replaces another. */
export type SigningKeys = readonly SigningKey[];

export const signingKey = (secret: string): SigningKey => createSecretKey(secret, 'utf8');

/**
 * RevRag's signing scheme: HMAC-SHA256 over `{timestamp}.{raw_body}` (the provider's page
 * "In-app webhooks", "Security & headers").
 */
export function computeMac(key: SigningKey, timestamp: string, rawBody: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${timestamp}.`).update(rawBody).digest();
}

/** The value of X-Webhook-Signature for a body: `t=<timestamp>,v1=<hex>`. */
export function signatureHeader(key: SigningKey, timestamp: string, rawBody: Uint8Array): string {
  return `t=${timestamp},v1=${computeMac(key, timestamp, rawBody).toString('hex')}`;
}

/**
 * Whether one of the keys makes one of the digests of the bytes. Each comparison takes constant time.
 *
 * @param digests In hex, 64 digits each.
 */
export function matches(
  keys: SigningKeys,
  digests: readonly string[],
  timestamp: string,
  rawBody: Uint8Array,
): boolean {
  const sent = digests.map(digest => Buffer.from(digest, 'hex'));
  return keys.some(key => {
    const mac = computeMac(key, timestamp, rawBody);
    return sent.some(digest => digest.length === mac.length && timingSafeEqual(digest, mac));
  });
}
