import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { HttpServer } from '@nestjs/common';
import type { BodyCapture } from './body-capture.js';
import type { EndpointController } from './endpoint.controller.js';
import type { EndpointRoute, EndpointRoutes } from './endpoint-routes.js';
import type { HttpPlatform } from './http-platform.js';
import { stateOf, type WebhookRequest } from './request.js';
import { sendAnswer, type FastifyReply } from './send-answer.js';

/** As much of Fastify as is used, all of it documented API. */
interface FastifyInstance {
  addHook(name: 'onRoute', hook: (route: FastifyRoute) => void): void;
  addHook(name: 'onRequest' | 'preValidation', hook: RequestHook): void;
  addHook(name: 'preParsing', hook: PreParsingHook): void;
}

interface FastifyRoute {
  readonly method: string | readonly string[];
  readonly url: string;
  readonly constraints?: { readonly version?: unknown };
  handler: (request: FastifyRequest, reply: FastifyReply) => unknown;
  config?: object;
  preParsing?: PreParsingHook | PreParsingHook[];
}

interface FastifyRequest extends WebhookRequest {
  readonly method: string;
  readonly ip: string;
  readonly raw: IncomingMessage;
  readonly params: Readonly<Record<string, string>>;
  readonly routeOptions: { readonly config?: { readonly [ROUTE]?: EndpointRoute } };
  /** Read: Node's own, with what was set on top of them. */
  get headers(): IncomingMessage['headers'];
  set headers(added: IncomingMessage['headers'] | undefined);
  body?: unknown;
  [HIDDEN]?: { readonly added: FastifyRequest['headers'] | undefined };
}

/** In the configuration of a route that takes deliveries: what is known of it. */
const ROUTE = Symbol('revragEndpointRoute');

/** What a request's headers had on top of Node's, while those of its body are hidden. */
const HIDDEN = Symbol('revragHiddenHeaders');

type RequestHook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;
type PreParsingHook = (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error?: null, payload?: unknown) => void,
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
export class FastifyPlatform implements HttpPlatform {
  private readonly registered = new Set<EndpointRoute>();

  constructor(
    adapter: HttpServer,
    private readonly routes: EndpointRoutes,
    private readonly capture: BodyCapture,
  ) {
    const app = adapter.getInstance() as FastifyInstance;
    app.addHook('onRoute', route => this.register(route));
    app.addHook('onRequest', (request, reply, done) => this.receive(request, reply, done));
    app.addHook('preParsing', replayBody);
    app.addHook('preValidation', showBody);
  }

  has(route: EndpointRoute): boolean {
    return this.registered.has(route);
  }

  warnings(): string[] {
    return [];
  }

  private register(route: FastifyRoute): void {
    if (![route.method].flat().includes('POST')) return;
    const own = this.routes.ofPath(route.url, route.constraints?.version);
    if (!own) return;
    this.registered.add(own);
    route.config = { ...route.config, [ROUTE]: own };
    route.preParsing = [route.preParsing ?? [], hideBody].flat();
    // In the place of Nest's handler, so that nothing of the app comes between it and the answer.
    if (own.isBuiltIn) {
      const controller = own.instance as EndpointController;
      route.handler = (request, reply) =>
        hasParams(request) ? controller.receive(request, reply) : reply.callNotFound();
    }
  }

  private receive(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const route = request.method === 'POST' ? request.routeOptions.config?.[ROUTE] : undefined;
    if (!route || !hasParams(request)) return done();
    const { params, raw: node } = request;
    const { endpoint } = route;
    this.capture.capture({ endpoint, params, request, node, response: reply.raw }, captured => {
      if (captured === 'kept') done();
      else if (captured !== 'gone') sendAnswer(reply, captured.answer, captured.closes);
    });
  }
}

/** Fastify takes an empty segment for a parameter, Nest and Express do not. */
const hasParams = ({ params }: FastifyRequest): boolean =>
  !Object.entries(params).some(([name, value]) => value === '' && name !== '*');

/** Gives hooks of the app that read the payload what was read already. */
const replayBody: PreParsingHook = (request, _reply, payload, done) => {
  const { params, rawBody } = stateOf(request);
  if (!params || !rawBody) return done(null, payload);
  const replay = new Readable({
    read() {
      this.push(rawBody);
      this.push(null);
    },
  });
  done(null, replay);
};

/**
 * Keeps Fastify from parsing a body that was read already: a route's parser can't be chosen, and there
 * need not be one for the content type, but a request without body headers is not parsed at all. The
 * headers are gone from the last hook before parsing to the first one after it, so nobody misses them.
 */
const hideBody: PreParsingHook = (request, _reply, payload, done) => {
  if (stateOf(request).params) {
    const { headers } = request;
    request[HIDDEN] = { added: headers === request.raw.headers ? undefined : headers };
    request.headers = BODY_HEADERS;
  }
  done(null, payload);
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
