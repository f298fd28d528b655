import { randomUUID } from 'node:crypto';
import { CALL_ENDED } from '../core/events/revrag-event.js';
import { signatureHeader, signingKey } from '../core/signature/scheme.js';
import { callEnded } from './call-ended.js';

/** The exact bytes of a body, its text, or a value to send as JSON. */
export type DeliveryBody = Buffer | string | object;

export interface SignDeliveryOptions<TBody extends DeliveryBody = DeliveryBody> {
  /** The endpoint's secret. */
  secret: string;
  /** What to send. Default: `callEnded()`, another call each time. */
  body?: TBody;
  /** X-Webhook-ID. Default: a new one each time. */
  id?: string;
  /** X-Webhook-Event. Default: `call.ended`. */
  type?: string;
  /** When the delivery is signed: a date, or Unix seconds. Default: now. */
  timestamp?: Date | number;
}

export interface SignedDelivery<TBody extends DeliveryBody = DeliveryBody> {
  /**
   * The signed body: send exactly this. Text, which every HTTP client sends unchanged, or a Buffer if the body was
   * given as one.
   */
  body: TBody extends Buffer ? Buffer<ArrayBuffer> : string;
  headers: Record<
    | 'content-type'
    | 'x-webhook-event'
    | 'x-webhook-id'
    | 'x-webhook-signature'
    | 'x-webhook-timestamp',
    string
  >;
}

/**
 * Signs a delivery as RevRag does. Each call makes another delivery unless you give `body`: a receiver
 * recognises a delivery by its body.
 */
export function signDelivery<TBody extends DeliveryBody = object>(
  options: SignDeliveryOptions<TBody>,
): SignedDelivery<TBody> {
  const { secret, id = `evt_${randomUUID()}`, type = CALL_ENDED, timestamp = new Date() } = options;
  const body = toSent(options.body ?? callEnded());
  const milliseconds = timestamp instanceof Date ? timestamp.getTime() : timestamp * 1000;
  const seconds = String(Math.floor(milliseconds / 1000));
  return {
    body: body as SignedDelivery<TBody>['body'],
    headers: {
      'content-type': 'application/json',
      'x-webhook-event': type,
      'x-webhook-id': id,
      'x-webhook-signature': signatureHeader(signingKey(secret), seconds, Buffer.from(body)),
      'x-webhook-timestamp': seconds,
    },
  };
}

function toSent(body: DeliveryBody): Buffer<ArrayBuffer> | string {
  // A copy: the caller's buffer may be of shared memory, which fetch() rejects.
  if (Buffer.isBuffer(body)) return Buffer.from(body);
  return typeof body === 'string' ? body : JSON.stringify(body);
}
