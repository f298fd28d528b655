import { RevragBodyError } from '../errors/revrag-body.error.js';
import type { DeliveryHead, WebhookHeaders } from '../signature/headers.js';
import type { PathParams } from '../signature/path-params.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { BodyShare } from './body-pool.js';

/** What the library keeps on a request, under a symbol that nothing else knows. */
class WebhookState {
  /** Values of the path's parameters; undefined for a request that is no delivery. */
  params: PathParams | undefined = undefined;
  head: DeliveryHead | undefined = undefined;
  rawBody: Buffer | undefined = undefined;
  /** What the body holds of the memory for unverified ones: until it is verified, or its request is over. */
  share: BodyShare | undefined = undefined;
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

/**
 * Takes the bytes of a request's body, to be verified at once.
 *
 * @throws RevragBodyError `raw_body_missing` where a parser took the bytes and kept none
 */
export function takeBody(request: WebhookRequest, state = stateOf(request)): Buffer {
  const bytes = state.rawBody ?? copyOf(request);
  if (bytes) return bytes;
  throw new RevragBodyError(
    'raw_body_missing',
    'The bytes that were signed are gone: a body parser read them first. On a route of your own put ' +
      '@RevragEndpoint() on the method, which keeps them. Where middleware reads bodies before Nest sees ' +
      'them or changes the URL, create the app with { rawBody: true } and send application/json. Where ' +
      'the platform reads them, turn that off: on Vercel with the environment variable NODEJS_HELPERS=0, ' +
      'in a route of Next.js with `config.api.bodyParser: false`.',
  );
}

/** The copy that a parser or the platform has kept of a body that it read, such as Cloud Functions do. */
export function copyOf(request: WebhookRequest): Buffer | undefined {
  const node = request.raw as WebhookRequest | undefined;
  for (const source of node ? [request, node] : [request]) {
    for (const key of ['rawBody', 'body'] as const) {
      const value = read(source, key);
      if (Buffer.isBuffer(value)) return value;
      if (value instanceof Uint8Array) {
        return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      }
    }
  }
  return undefined;
}

/** Vercel's requests parse on reading, and throw for what they can't parse. */
function read(source: WebhookRequest, key: 'rawBody' | 'body'): unknown {
  try {
    return source[key];
  } catch {
    return undefined;
  }
}
