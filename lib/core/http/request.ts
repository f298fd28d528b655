import { RevragBodyError } from '../errors/revrag-body.error.js';
import type { DeliveryHead, WebhookHeaders } from '../signature/headers.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';

/** What the library keeps on a request, under a symbol that nothing else knows. */
class WebhookState {
  head: DeliveryHead | undefined = undefined;
  rawBody: Buffer | undefined = undefined;
  delivery: VerifiedDelivery | undefined = undefined;
}

const STATE = Symbol('revragWebhook');

/** As much of a platform's request as the library touches. */
export interface WebhookRequest {
  readonly headers: WebhookHeaders;
  /** Fastify's request wraps Node's. */
  readonly raw?: object;
  readonly rawBody?: unknown;
  readonly body?: unknown;
  [STATE]?: WebhookState;
}

/** The state of a request; that of Node's own request where the platform wraps it. */
export function stateOf(request: object): WebhookState {
  const own = (request as WebhookRequest)[STATE];
  if (own) return own;
  const node = ((request as WebhookRequest).raw ?? request) as WebhookRequest;
  return (node[STATE] ??= new WebhookState());
}

/** @throws RevragBodyError `raw_body_missing` where a parser took the bytes and kept none */
export function rawBodyOf(request: WebhookRequest, { rawBody } = stateOf(request)): Buffer {
  if (rawBody) return rawBody;
  if (Buffer.isBuffer(request.rawBody)) return request.rawBody;
  if (Buffer.isBuffer(request.body)) return request.body;
  throw new RevragBodyError(
    'raw_body_missing',
    'The bytes that were signed are gone: a body parser read them first. On a route of your own put ' +
      '@RevragEndpoint() on the method, which keeps them. Where middleware reads bodies before Nest sees ' +
      'them or changes the URL, create the app with { rawBody: true } and send application/json.',
  );
}
