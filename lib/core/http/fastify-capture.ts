import type { IncomingMessage } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import { ENDPOINT_METADATA } from './endpoint-metadata.js';
import type { Capture, EndpointRoute, PlatformCapture } from './platform-capture.js';
import { sendAnswer, type PlatformResponse } from './send-answer.js';

/** As much of Fastify as is used, all of it documented API. */
interface FastifyInstance {
  addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): void;
  addHook(name: 'onRequest' | 'preValidation', hook: RequestHook): void;
}

interface FastifyRoute {
  readonly method: string | readonly string[];
  readonly url: string;
  readonly handler: object;
  config?: object;
  preParsing?: PreParsingHook | PreParsingHook[];
}

interface FastifyRequest {
  readonly method: string;
  readonly raw: IncomingMessage;
  readonly routeOptions: { readonly config?: { readonly [ENDPOINT_METADATA]?: string } };
  /** Read: Node's own, with what was set on top of them. */
  get headers(): Readonly<Record<string, unknown>>;
  set headers(added: Readonly<Record<string, unknown>> | undefined);
  body?: unknown;
  [HIDDEN]?: { readonly added: FastifyRequest['headers'] | undefined };
}

/** What a request's headers had on top of Node's, while those of its body are hidden. */
const HIDDEN = Symbol('revragHiddenHeaders');

type RequestHook = (request: FastifyRequest, reply: PlatformResponse, done: () => void) => void;
type PreParsingHook = (
  request: FastifyRequest,
  reply: PlatformResponse,
  payload: unknown,
  done: () => void,
) => void;

/** What tells Fastify that a request has a body. */
const BODY_HEADERS = {
  'content-type': undefined,
  'content-length': undefined,
  'transfer-encoding': undefined,
};

/**
 * Fastify knows a request's route before any hook runs. The hooks are added as soon as there is an
 * adapter with providers: before those of `main.ts` and any route. Only Nest's middleware comes first.
 */
export class FastifyCapture implements PlatformCapture {
  private readonly routes: EndpointRoute[] = [];

  constructor(private readonly adapter: HttpServer) {}

  install(capture: Capture): void {
    const app = this.adapter.getInstance() as FastifyInstance;
    app.addHook('onRoute', route => {
      const endpoint = endpointOf(route);
      if (endpoint === undefined) return;
      this.routes.push({ endpoint, path: route.url });
      route.config = { ...route.config, [ENDPOINT_METADATA]: endpoint };
      route.preParsing = [route.preParsing ?? [], hideBody].flat();
    });
    app.addHook('onRequest', (request, reply, done) => {
      const endpoint =
        request.method === 'POST' ? request.routeOptions.config?.[ENDPOINT_METADATA] : undefined;
      if (endpoint === undefined) return done();
      capture(endpoint, request.raw, captured => {
        if (captured === 'kept') done();
        else if (captured !== 'gone') sendAnswer(reply, captured.answer, captured.closes);
      });
    });
    app.addHook('preValidation', showBody);
  }

  mapRoutes(): readonly EndpointRoute[] {
    return this.routes;
  }
}

/**
 * Keeps Fastify from parsing a body that was read already: a route's parser can't be chosen, and there
 * need not be one for the content type, but a request without body headers is not parsed at all. The
 * headers are gone from the last hook before parsing to the first one after it, so nobody misses them.
 */
const hideBody: PreParsingHook = (request, _reply, _payload, done) => {
  const { headers } = request;
  request[HIDDEN] = { added: headers === request.raw.headers ? undefined : headers };
  request.headers = BODY_HEADERS;
  done();
};

const showBody: RequestHook = (request, _reply, done) => {
  const hidden = request[HIDDEN];
  if (hidden) {
    // With nothing on top, Fastify gives Node's headers as they are rather than a copy at each look.
    request.headers = hidden.added;
    // Guards that look into the body find it empty rather than absent.
    request.body ??= {};
  }
  done();
};

/**
 * The metadata that Nest copied to the handler or, where the adapter has wrapped that, to the route's
 * configuration.
 */
function endpointOf({ method, handler, config }: FastifyRoute): string | undefined {
  if (method !== 'POST') return undefined;
  return (
    (Reflect.getMetadata(ENDPOINT_METADATA, handler) as string | undefined) ??
    (config as FastifyRequest['routeOptions']['config'])?.[ENDPOINT_METADATA]
  );
}
