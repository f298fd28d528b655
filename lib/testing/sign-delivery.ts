import { randomUUID } from 'node:crypto';
import { CALL_ENDED } from '../core/events/revrag-event.js';
import { signatureHeader, signingKey } from '../core/signature/scheme.js';

export interface SignDeliveryOptions {
  /** The endpoint's secret. */
  secret: string;
  /** The exact bytes to send, or a value that is sent as JSON. */
  body: Buffer | string | object;
  /** X-Webhook-ID. Default: a new one. */
  id?: string;
  /** X-Webhook-Event. Default: `call.ended`. */
  type?: string;
  /** When it is signed: a date, or Unix seconds. Default: now. */
  timestamp?: Date | number;
}

export interface SignedDelivery {
  /** The bytes that were signed; send these and no others. */
  body: Buffer<ArrayBuffer>;
  headers: Record<
    | 'content-type'
    | 'x-webhook-event'
    | 'x-webhook-id'
    | 'x-webhook-signature'
    | 'x-webhook-timestamp',
    string
  >;
}

/** Makes a delivery as RevRag would send it. */
export function signDelivery(options: SignDeliveryOptions): SignedDelivery {
  const { secret, id = `evt_${randomUUID()}`, type = CALL_ENDED, timestamp = new Date() } = options;
  const body = toBytes(options.body);
  const milliseconds = timestamp instanceof Date ? timestamp.getTime() : timestamp * 1000;
  const seconds = String(Math.floor(milliseconds / 1000));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-webhook-event': type,
      'x-webhook-id': id,
      'x-webhook-signature': signatureHeader(signingKey(secret), seconds, body),
      'x-webhook-timestamp': seconds,
    },
  };
}

function toBytes(body: Buffer | string | object): Buffer<ArrayBuffer> {
  // A copy: the caller's may be of shared memory, which fetch() does not take.
  if (Buffer.isBuffer(body)) return Buffer.from(body);
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), 'utf8');
}
