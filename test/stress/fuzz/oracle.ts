import { createHmac } from 'node:crypto';
import { readPayload, type Reading } from './contract.js';

/**
 * Says what must become of a delivery, from its bytes and headers alone and without anything of
 * `lib`: own HMAC, own reading of the headers, own statement of the contract.
 */
export type Verdict =
  | { readonly status: 401 | 413 | 415 }
  | { readonly status: 400; readonly code: string }
  | { readonly status: 200; readonly payload: unknown }
  /** Either 200 or 400 will do. */
  | { readonly status: 'unsure'; readonly payload: unknown };

export interface Terms {
  readonly secrets: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** By lower-case name, as received. */
export type ReceivedHeaders = Readonly<Record<string, unknown>>;

const TOLERANCE_SECONDS = 300;
const LONGEST_SIGNATURE_HEADER = 2048;

export const hmac = (secret: string, timestamp: string, body: Buffer): string =>
  createHmac('sha256', secret)
    .update(Buffer.concat([Buffer.from(`${timestamp}.`), body]))
    .digest('hex');

export function judge(body: Buffer, headers: ReceivedHeaders, terms: Terms): Verdict {
  return isHeadInOrder(headers, terms) && isSigned(body, headers, terms)
    ? judgePayload(body, textOf(headers['x-webhook-event']) as string)
    : { status: 401 };
}

export function judgePayload(body: Buffer, type: string): Verdict {
  const reading: Reading = readPayload(body, type);
  if (reading.verdict === 'valid') return { status: 200, payload: reading.payload };
  if (reading.verdict === 'unsure') return { status: 'unsure', payload: reading.payload };
  return { status: 400, code: reading.verdict };
}

/** What can be said before there is a body. */
export function isHeadInOrder(headers: ReceivedHeaders, { now }: Terms): boolean {
  const [timestamp, signature] = texts(headers);
  if (!timestamp || !signature || texts(headers).includes(undefined)) return false;
  if (!/^\d{1,11}$/.test(timestamp)) return false;
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  if (signature.length > LONGEST_SIGNATURE_HEADER) return false;
  if (!/^[^,=]*=[^,]*(,[^,=]*=[^,]*)*$/.test(signature)) return false;
  const stamps = valuesOf('t', signature);
  if (stamps.length !== 1 || stamps[0] !== timestamp) return false;
  const digests = valuesOf('v1', signature);
  return digests.length > 0 && digests.every(digest => /^[\da-f]{64}$/.test(digest));
}

function isSigned(body: Buffer, headers: ReceivedHeaders, { secrets }: Terms): boolean {
  const [timestamp, signature] = texts(headers) as string[];
  const digests = valuesOf('v1', signature!);
  return secrets.some(secret => digests.includes(hmac(secret, timestamp!, body)));
}

const texts = (headers: ReceivedHeaders) =>
  ['timestamp', 'signature', 'id', 'event'].map(name => textOf(headers[`x-webhook-${name}`]));

/** A header counts if it is there once, as text that is not empty. */
function textOf(value: unknown): string | undefined {
  const text: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function valuesOf(key: string, header: string): string[] {
  const entry = key === 't' ? /(?:^|,)\s*t\s*=([^,]*)/g : /(?:^|,)\s*v1\s*=([^,]*)/g;
  return [...header.matchAll(entry)].map(([, value]) => value!.trim());
}
