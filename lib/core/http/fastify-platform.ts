import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { HttpServer } from '@nestjs/common';
import type { BodyCapture } from './body-capture.js';
import type { EndpointRoute, EndpointRoutes } from './endpoint-routes.js';
import type { HttpPlatform } from './http-platform.js';
import type { PathParams } from '../signature/path-params.js';
import { stateOf, type WebhookRequest } from './request.js';
import { sendAnswer, type FastifyReply } from './send-answer.js';

/** The part of Fastify's documented API that is used. */
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
  readonly params: PathParams;
  readonly routeOptions: { readonly config: { readonly [ROUTE]?: EndpointRoute } };
  /** Reads as Node's headers with those that were set on top. */
  get headers(): IncomingMessage['headers'];
  set headers(added: IncomingMessage['headers'] | undefined);
  body?: unknown;
  [HIDDEN]?: { readonly added: FastifyRequest['headers'] | undefined };
}

/** Key in the configuration of a route that takes deliveries. */
const ROUTE = Symbol('revragEndpointRoute');

/** Key of the headers that were set on top of Node's, while body headers are hidden. */
const HIDDEN = Symbol('revragHiddenHeaders');

type RequestHook = (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;
type PreParsingHook = (
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error?: null, payload?: unknown) => void,
) => void;

/** Hides the headers that tell Fastify that a request has a body. */
const BODY_HEADERS = {
  'content-type': undefined,
  'content-length': undefined,
  'transfer-encoding': undefined,
};

/**
 * Fastify knows a request's route before any hook runs. The hooks are added as soon as the adapter exists: before
 * those of `main.ts` and before any route. Only Nest's middleware runs before them.
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
    app.addHook('onRequest', (request, reply, done) => this.captureBody(request, reply, done));
    app.addHook('preParsing', replayPayload);
    app.addHook('preValidation', showBody);
  }

  has(route: EndpointRoute): boolean {
    return this.registered.has(route);
  }

  private register(route: FastifyRoute): void {
    if (![route.method].flat().includes('POST')) return;
    const own = this.routes.ofPath(route.url, route.constraints?.version);
    if (!own) return;
    this.registered.add(own);
    route.config = { ...route.config, [ROUTE]: own };
    route.preParsing = [route.preParsing ?? [], hideBody].flat();
    // Replaces Nest's handler, so that nothing of the app runs between it and the answer.
    const { builtIn } = own;
    if (!builtIn) return;
    route.handler = (request, reply) => {
      // Not returned: Fastify would answer again when the promise settles while `onSend` hooks still run.
      builtIn.receive(request, reply).catch((error: unknown) => fail(reply, error));
    };
  }

  private captureBody(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
    const route = request.method === 'POST' ? request.routeOptions.config[ROUTE] : undefined;
    if (!route) return done();
    const { endpoint } = route;
    const { params, raw: node } = request;
    // As Nest has it: Fastify accepts an empty segment as a parameter.
    const isFound = !Object.entries(params).some(([name, value]) => value === '' && name !== '*');
    if (!isFound) return void reply.callNotFound();
    const incoming = { endpoint, params, request, node, response: reply.raw };
    this.capture
      .capture(incoming)
      .then(captured => {
        if (captured === 'kept') done();
        else if (captured !== 'gone') sendAnswer(reply, captured.answer, captured.closes);
      })
      .catch((error: unknown) => fail(reply, error));
  }
}

/** Ends a request whose answer could not be written, since code of the app that hooks into responses has thrown. */
function fail({ raw, log }: FastifyReply, error: unknown): void {
  log.error(error);
  raw.destroy();
}

/** Gives hooks of the app that read the payload the bytes that were read before. */
const replayPayload: PreParsingHook = (request, _reply, payload, done) => {
  const { rawBody } = stateOf(request);
  if (!rawBody) return done(null, payload);
  const replay = new Readable({
    read() {
      this.push(rawBody);
      this.push(null);
    },
  });
  done(null, replay);
};

/**
 * Keeps Fastify from parsing a body that was read before. A route cannot choose its parser, and there may be none
 * for the content type; but Fastify does not parse a request without body headers. They are hidden between the
 * last hook before parsing and the first one after it, where no code of the app runs.
 */
const hideBody: PreParsingHook = (request, _reply, payload, done) => {
  const { headers } = request;
  request[HIDDEN] = { added: headers === request.raw.headers ? undefined : headers };
  request.headers = BODY_HEADERS;
  done(null, payload);
};

const showBody: RequestHook = (request, _reply, done) => {
  const hidden = request[HIDDEN];
  if (hidden) {
    // With nothing on top, Fastify returns Node's headers instead of a copy for each access.
    request.headers = hidden.added;
    // Code of the app that reads the body finds it empty rather than undefined.
    request.body = {};
  }
  done();
};
