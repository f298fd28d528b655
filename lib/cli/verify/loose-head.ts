import { WEBHOOK_HEADERS } from '../../core/signature/headers.js';
import { cause, type Cause } from './cause.js';

/** What is readable of the headers, even if they are malformed. */
export interface LooseHead {
  /** X-Webhook-Timestamp, or `t` where that is missing. */
  readonly timestamp: string | undefined;
  /** `t` of X-Webhook-Signature. */
  readonly signed: string | undefined;
  /** 32 bytes each. */
  readonly digests: readonly Buffer[];
  /** What is wrong with the headers themselves. */
  readonly causes: readonly Cause[];
}

export function readLooseHead(headers: Readonly<Record<string, string>>): LooseHead {
  const signature = headers[WEBHOOK_HEADERS.signature];
  const entries = (signature ?? '').split(',').map(entry => entry.trim());
  const signed = entries
    .find(entry => entry.startsWith('t='))
    ?.slice(2)
    .trim();
  const written = entries
    .filter(entry => !entry.startsWith('t='))
    .map(entry => entry.replace(/^(?:v1|sha256|hmac)=/i, '').trim());
  const digests = written.map(decode).filter(digest => digest.length === 32);
  const timestamp = headers[WEBHOOK_HEADERS.timestamp] ?? signed;
  const causes = [
    ...missing(headers),
    ...differing(headers[WEBHOOK_HEADERS.timestamp], signed),
    ...inMilliseconds(timestamp),
    ...misformed(signature, entries, written),
  ];
  return { timestamp, signed, digests, causes };
}

function decode(digest: string): Buffer {
  if (/^[0-9a-f]{64}$/i.test(digest)) return Buffer.from(digest, 'hex');
  return /^[\w+/-]{43}=?$/.test(digest) ? Buffer.from(digest, 'base64') : Buffer.alloc(0);
}

function missing(headers: Readonly<Record<string, string>>): Cause[] {
  const names = Object.values(WEBHOOK_HEADERS).filter(name => !headers[name]);
  if (names.length === 0) return [];
  return [
    cause(
      'header_missing',
      `Missing or empty: ${names.join(', ')}.`,
      names.length === 4
        ? 'Does this request come from RevRag? Proxies and API gateways may also drop headers that they are not configured to pass on.'
        : 'A proxy or API gateway may drop headers that it is not configured to pass on.',
    ),
  ];
}

function differing(timestamp: string | undefined, signed: string | undefined): Cause[] {
  if (timestamp === undefined || signed === undefined || timestamp === signed) return [];
  return [
    cause(
      'timestamp_differs',
      'The t of X-Webhook-Signature differs from X-Webhook-Timestamp.',
      'The headers come from two different requests, or one of them was changed on the way.',
    ),
  ];
}

function inMilliseconds(timestamp: string | undefined): Cause[] {
  if (timestamp === undefined || !/^\d{13}$/.test(timestamp)) return [];
  return [
    cause(
      'timestamp_in_milliseconds',
      'The timestamp has 13 digits: it is in milliseconds.',
      'RevRag sends whole seconds. Your own test sender must divide Date.now() by 1000.',
    ),
  ];
}

function misformed(
  signature: string | undefined,
  entries: readonly string[],
  written: readonly string[],
): Cause[] {
  if (!signature) return [];
  const malformed = (message: string) => [
    cause('digest_format', message, 'It has to read t=<seconds>,v1=<64 lower-case hex digits>.'),
  ];
  if (entries.filter(entry => entry.startsWith('t=')).length > 1) {
    return malformed('X-Webhook-Signature has more than one t: it was sent, or captured, twice.');
  }
  if (written.some(digest => /^[0-9a-f]{64}$/i.test(digest) && /[A-F]/.test(digest))) {
    return malformed('The digest of X-Webhook-Signature is in upper-case hex.');
  }
  if (written.some(digest => /^[\w+/-]{43}=?$/.test(digest))) {
    return malformed('The digest of X-Webhook-Signature is in Base64, not in hex.');
  }
  if (!entries.some(entry => /^v1=[0-9a-f]{64}$/.test(entry))) {
    return malformed('X-Webhook-Signature holds no v1 digest, or a cut one.');
  }
  return [];
}
