import { RevragBodyError } from '../errors/revrag-body.error.js';
import type { DeliveryHead, WebhookHeaders } from '../signature/headers.js';
import type { PathParams } from '../signature/path-params.js';
import type { VerifiedDelivery } from '../signature/verified-delivery.js';
import type { BodyShare } from './body-pool.js';

/** The library's state of a request, under a private symbol. A class, as decision 29 says. */
class WebhookState {
  /** The path's parameters; undefined for a request that is no delivery. */
  params: PathParams | undefined = undefined;
  head: DeliveryHead | undefined = undefined;
  rawBody: Buffer | undefined = undefined;
  /** The body's share of the memory for unverified bodies, until it is verified or the request is over. */
  share: BodyShare | undefined = undefined;
  delivery: VerifiedDelivery | undefined = undefined;
}

const STATE = Symbol('revragWebhook');

/** The part of a platform's request that the library uses. */
export interface WebhookRequest {
  readonly headers: WebhookHeaders;
  /** Fastify's request wraps Node's. */
  readonly raw?: object;
  readonly rawBody?: unknown;
  readonly body?: unknown;
  [STATE]?: WebhookState;
}

/** The state of a request, kept on Node's request if the platform wraps it. */
export function stateOf(request: object): WebhookState {
  const own = (request as WebhookRequest)[STATE];
  if (own) return own;
  const node = ((request as WebhookRequest).raw ?? request) as WebhookRequest;
  return (node[STATE] ??= new WebhookState());
}

/**
 * The bytes of a request's body.
 *
 * @throws RevragBodyError `raw_body_missing` if a parser has consumed the bytes and kept no copy
 */
export function takeBody(request: WebhookRequest, state = stateOf(request)): Buffer {
  const bytes = state.rawBody ?? copyOf(request);
  if (bytes) return bytes;
  throw new RevragBodyError(
    'raw_body_missing',
    'The signed bytes are gone: a body parser consumed them first. On a route of your own, put ' +
      '@RevragEndpoint() on the method, which keeps them. If middleware reads bodies before Nest does, or ' +
      'changes the URL, create the app with { rawBody: true } and send application/json. If the platform ' +
      'reads them, turn that off: on Vercel with the environment variable NODEJS_HELPERS=0, in a route of ' +
      'Next.js with `config.api.bodyParser: false`.',
  );
}

/** The copy of the body that a parser or a platform, such as Cloud Functions, has kept. */
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

/** Vercel's requests parse the body on access, and throw if that fails. */
function read(source: WebhookRequest, key: 'rawBody' | 'body'): unknown {
  try {
    return source[key];
  } catch {
    return undefined;
  }
}
