import {
  signDelivery,
  type SignDeliveryOptions,
  type SignedDelivery,
} from 'nestjs-revrag-webhook/testing';
import { SECRET } from './app.js';
import { SAMPLE } from './sample.js';

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

export const PATH = '/webhooks/revrag';

/** A genuine delivery of the page's sample; with an id, of a call that has this id in its own. Its body as bytes. */
export function genuine(options: Partial<SignDeliveryOptions> = {}): SignedDelivery<Buffer> {
  const { body, headers } = signDelivery({
    secret: SECRET,
    body: sampleFor(options.id),
    ...options,
  });
  return { body: Buffer.from(body), headers };
}

const sampleFor = (id?: string): Buffer | object =>
  id === undefined
    ? SAMPLE
    : { ...(JSON.parse(SAMPLE.toString()) as object), call_id: `call of ${id}` };

/** Posts over a real socket. */
export async function post(
  url: string,
  delivery: { body?: RequestInit['body'] | Buffer; headers: Record<string, string> },
): Promise<Reply> {
  const response = await fetch(url, {
    method: 'POST',
    body: delivery.body as RequestInit['body'],
    headers: delivery.headers,
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
  };
}

/** Sends a genuine delivery to the default endpoint. */
export const deliver = (url: string, options: Partial<SignDeliveryOptions> = {}): Promise<Reply> =>
  post(url + PATH, genuine(options));
