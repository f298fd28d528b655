import { RevragSignatureError } from '../errors/revrag-signature.error.js';
import type { SecretRequest } from './secrets.js';

/** Header names as the provider's page "In-app webhooks" gives them ("Security & headers"). */
export const WEBHOOK_HEADERS = {
  event: 'x-webhook-event',
  id: 'x-webhook-id',
  signature: 'x-webhook-signature',
  timestamp: 'x-webhook-timestamp',
} as const;

/** Headers as Node, Fetch, API Gateway or a plain object give them; names in any case. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The headers of a delivery. Nothing of it is authentic yet. */
export interface DeliveryHead {
  readonly id: string;
  readonly type: string;
  /** The digits that were signed, exactly as sent. */
  readonly timestamp: string;
  /** The same in milliseconds since the Unix epoch. */
  readonly sentAt: number;
  /** The digests of the header's `v1` entries: 64 lower-case hex digits each. */
  readonly digests: readonly string[];
  /** The argument for the secret function. */
  readonly secretRequest: SecretRequest;
  /** All headers, as received. */
  readonly headers: WebhookHeaders;
}

const NOTHING_ASKED: SecretRequest = { endpoint: '', params: {}, headers: {} };

const TIMESTAMP = /^[0-9]{1,11}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const MAX_SIGNATURE_HEADER_LENGTH = 2048;

/**
 * Reads the four headers of a delivery.
 *
 * @throws RevragSignatureError `missing_header` or `malformed_header`
 */
export function readHead(
  headers: WebhookHeaders,
  secretRequest: SecretRequest = NOTHING_ASKED,
): DeliveryHead {
  const signature = requireHeader(headers, WEBHOOK_HEADERS.signature);
  const timestamp = requireHeader(headers, WEBHOOK_HEADERS.timestamp);
  const id = requireHeader(headers, WEBHOOK_HEADERS.id);
  const type = requireHeader(headers, WEBHOOK_HEADERS.event);
  const digests = readSignature(signature, timestamp);
  const sentAt = Number(timestamp) * 1000;
  return { id, type, timestamp, sentAt, digests, secretRequest, headers };
}

/** `t=<timestamp>,v1=<hex>[,v1=<hex>…]`; entries of other schemes are ignored. */
function readSignature(header: string, timestamp: string): string[] {
  if (!TIMESTAMP.test(timestamp)) {
    throw malformed(WEBHOOK_HEADERS.timestamp, 'it must be a Unix timestamp in whole seconds');
  }
  const invalid = (problem: string) => malformed(WEBHOOK_HEADERS.signature, problem);
  if (header.length > MAX_SIGNATURE_HEADER_LENGTH) throw invalid('it is too long');
  const digests: string[] = [];
  let signedTimestamp: string | undefined;
  for (const entry of header.split(',')) {
    const separator = entry.indexOf('=');
    if (separator === -1) throw invalid('each entry must read key=value');
    const key = entry.slice(0, separator).trim();
    const value = entry.slice(separator + 1).trim();
    if (key === 't') {
      if (signedTimestamp !== undefined) throw invalid('it has more than one t');
      signedTimestamp = value;
    } else if (key === 'v1') {
      // Decoding hex would stop silently at the first stray character.
      if (!SHA256_HEX.test(value)) throw invalid('v1 must be 64 lower-case hex digits');
      digests.push(value);
    }
  }
  if (signedTimestamp === undefined) throw invalid('it has no t');
  if (digests.length === 0) throw invalid('it has no v1');
  if (signedTimestamp !== timestamp) throw invalid('its t differs from X-Webhook-Timestamp');
  return digests;
}

function requireHeader(headers: WebhookHeaders, name: string): string {
  const value = findHeader(headers, name);
  if (value === undefined || value === null || value === '') {
    throw new RevragSignatureError('missing_header', `The header ${title(name)} is missing.`);
  }
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' && value[0]) {
    return value[0];
  }
  throw malformed(name, 'it must be present once, as text');
}

/** The value of an optional header; undefined if it was sent more than once. */
export function optionalHeader(headers: WebhookHeaders, name: string): string | undefined {
  const found = findHeader(headers, name);
  const value: unknown = Array.isArray(found) && found.length === 1 ? found[0] : found;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function findHeader(headers: WebhookHeaders, name: string): unknown {
  if (headers === null || typeof headers !== 'object') return undefined;
  const record = headers as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(record, name)) return record[name];
  if (typeof headers.get === 'function') return headers.get(name);
  // Node lower-cases names; API Gateway and hand-made objects keep the sender's case.
  const key = Object.keys(record).find(candidate => candidate.toLowerCase() === name);
  return key === undefined ? undefined : record[key];
}

function malformed(name: string, problem: string): RevragSignatureError {
  return new RevragSignatureError(
    'malformed_header',
    `The header ${title(name)} is malformed: ${problem}.`,
  );
}

const title = (name: string) =>
  name.replace(/\b[a-z]/g, letter => letter.toUpperCase()).replace('-Id', '-ID');
