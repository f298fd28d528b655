import { randomBytes } from 'node:crypto';
import {
  signDelivery,
  type SignDeliveryOptions,
  type SignedDelivery,
} from '../../testing/sign-delivery.js';

/** What can be changed, so that a genuine receiver refuses the delivery with 401. */
export const TAMPERINGS = ['body', 'timestamp', 'signature', 'secret'] as const;

export type Tampering = (typeof TAMPERINGS)[number];

/** Signs a delivery, then changes a part of it. */
export function signTampered(
  options: SignDeliveryOptions<Buffer>,
  tampering: Tampering | undefined,
): SignedDelivery<Buffer> {
  const { body, headers } = signDelivery(options);
  switch (tampering) {
    case undefined:
      return { body, headers };
    case 'body':
      // The same JSON in other bytes.
      return { body: Buffer.concat([body, Buffer.from(' ')]), headers };
    case 'timestamp': {
      const later = String(Number(headers['x-webhook-timestamp']) + 1);
      const signature = headers['x-webhook-signature'].replace(/^t=\d+/, `t=${later}`);
      const tampered = { 'x-webhook-timestamp': later, 'x-webhook-signature': signature };
      return { body, headers: { ...headers, ...tampered } };
    }
    case 'signature': {
      const signature = headers['x-webhook-signature'].replace(/.$/, digit =>
        digit === '0' ? '1' : '0',
      );
      return { body, headers: { ...headers, 'x-webhook-signature': signature } };
    }
    case 'secret':
      return signDelivery({ ...options, secret: randomBytes(32).toString('base64url') });
    default:
      return tampering satisfies never;
  }
}
