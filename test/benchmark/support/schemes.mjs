import { Buffer } from 'node:buffer';
import { createHmac, createSecretKey } from 'node:crypto';

export const SECRET = 'benchmark_3f1c9a7e5d2b8046';
/** The same bytes as the Standard Webhooks libraries want them. */
export const BASE64_SECRET = `whsec_${Buffer.from(SECRET).toString('base64')}`;

const key = createSecretKey(SECRET, 'utf8');

const mac = (head, parts) => {
  const hmac = createHmac('sha256', key).update(head);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

/**
 * How each format signs a request: its headers, given the id, the time in Unix seconds and the parts of
 * the body. `envelope`: fields that its body must have.
 */
export const schemes = {
  revrag: {
    envelope: {},
    headers: (id, seconds, parts) => ({
      'x-webhook-event': 'call.ended',
      'x-webhook-id': id,
      'x-webhook-timestamp': String(seconds),
      'x-webhook-signature': `t=${seconds},v1=${mac(`${seconds}.`, parts).toString('hex')}`,
    }),
  },
  stripe: {
    envelope: { id: 'evt_benchmark', object: 'event', livemode: true, type: 'call.ended' },
    headers: (_id, seconds, parts) => ({
      'stripe-signature': `t=${seconds},v1=${mac(`${seconds}.`, parts).toString('hex')}`,
    }),
  },
  standard: {
    envelope: {},
    headers: (id, seconds, parts) => ({
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${mac(`${id}.${seconds}.`, parts).toString('base64')}`,
      'svix-id': id,
      'svix-timestamp': String(seconds),
      'svix-signature': `v1,${mac(`${id}.${seconds}.`, parts).toString('base64')}`,
    }),
  },
  github: {
    envelope: {},
    headers: (_id, _seconds, parts) => ({
      'x-hub-signature-256': `sha256=${mac('', parts).toString('hex')}`,
    }),
  },
};

/** What is done to a genuine request, to be refused. */
export const spoilers = {
  genuine: headers => headers,
  forged: headers => ({
    ...headers,
    'x-webhook-signature': headers['x-webhook-signature']?.replace(/v1=.{8}/, 'v1=00000000'),
    'stripe-signature': headers['stripe-signature']?.replace(/v1=.{8}/, 'v1=00000000'),
    'webhook-signature': headers['webhook-signature']?.replace(/v1,.{8}/, 'v1,AAAAAAAA'),
    'svix-signature': headers['svix-signature']?.replace(/v1,.{8}/, 'v1,AAAAAAAA'),
  }),
  malformed: headers => ({ ...headers, 'x-webhook-signature': 'v1=no-digest' }),
  missing: headers => ({ ...headers, 'x-webhook-signature': undefined }),
};

/** Signed an hour ago. */
export const STALE_SECONDS = 3600;
