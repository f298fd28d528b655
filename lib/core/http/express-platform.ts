import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer, MiddlewareConsumer } from '@nestjs/common';
import type { BodyCapture } from './body-capture.js';
import type { EndpointRoute, EndpointRoutes } from './endpoint-routes.js';
import type { HttpPlatform } from './http-platform.js';
import { stateOf, type WebhookRequest } from './request.js';
import { sendAnswer } from './send-answer.js';

type ExpressRequest = IncomingMessage &
  WebhookRequest & { readonly path: string; readonly ip?: string; body?: unknown };
type Next = () => void;
type Listener = (this: IncomingMessage, chunk?: Buffer) => void;

/** The part of an Express app that is used. */
interface ExpressApp {
  readonly router?: { readonly stack?: readonly { readonly route?: { readonly path: unknown } }[] };
}

/**
 * Express runs middleware in the order in which it was added. The first one is added as soon as the adapter exists,
 * before Nest's parsers and `main.ts`: it reads the body. The last one is added after all middleware of the app
 * and before its routes: it answers.
 */
export class ExpressPlatform implements HttpPlatform {
  constructor(
    private readonly adapter: HttpServer,
    private readonly routes: EndpointRoutes,
    private readonly capture: BodyCapture,
  ) {
    adapter.use((request: ExpressRequest, response: ServerResponse, next: Next) =>
      this.captureBody(request, response, next),
    );
  }

  answerBuiltIn(consumer: MiddlewareConsumer): void {
    const answer = async (request: ExpressRequest, response: ServerResponse, next: Next) => {
      const builtIn = this.routes.find(request.path)?.route.builtIn;
      if (builtIn) await builtIn.receive(request, response);
      else next();
    };
    const routes = this.routes.list.filter(({ builtIn }) => builtIn);
    consumer.apply(answer).forRoutes(...routes.map(({ controller }) => controller));
  }

  has({ path }: EndpointRoute): boolean | undefined {
    const { router } = this.adapter.getInstance() as ExpressApp;
    return router?.stack?.some(({ route }) => route?.path === path);
  }

  warnings(): string[] {
    const cure =
      'so the app must keep its raw bytes: create it with { rawBody: true }, or give the webhook another path.';
    const hidden = this.routes.list.flatMap(route => this.routes.hiddenBy(route));
    const withoutRequests = hidden.map(
      ({ controller, method, path }) =>
        `${controller.name}.${method} gets no POST request: the webhook answers those to ${path}. Leave POST out ` +
        'of it, or give the webhook another path.',
    );
    const withoutBytes = this.routes.list.flatMap(route => {
      if (!route.pattern) {
        return `POST ${route.path} has a pattern that only Express can match, ${cure}`;
      }
      return this.routes.isShared(route)
        ? `POST ${route.path} leads to another route as well, ${cure}`
        : [];
    });
    return [...withoutRequests, ...withoutBytes];
  }

  /** Express treats a rejection as an error of the request. */
  private async captureBody(
    request: ExpressRequest,
    response: ServerResponse,
    next: Next,
  ): Promise<void> {
    // Express's own reading of the request target: another parser might differ from its router's.
    const found = request.method === 'POST' ? this.routes.find(request.path) : undefined;
    if (!found) return next();
    const { endpoint } = found.route;
    const incoming = { endpoint, params: found.params, request, node: request, response };
    const captured = await this.capture.capture(incoming);
    if (captured === 'gone') return;
    if (captured !== 'kept') return sendAnswer(response, captured.answer, captured.closes);
    // Middleware that looks at the body finds it empty rather than undefined.
    if (!('body' in request)) request.body = {};
    const { rawBody } = stateOf(request);
    if (rawBody) replayBody(request, rawBody);
    next();
  }
}

/**
 * Gives the bytes to each listener for `data` that is added from now on, and calls those for `end`. Without it,
 * middleware that reads bodies itself would wait forever for one that was read before.
 */
function replayBody(request: IncomingMessage, body: Buffer): void {
  request.on('newListener', (event: string | symbol, listener: Listener) => {
    // At once: a pipe from a stream that has ended closes in the next tick.
    if (event === 'data' && body.length > 0) listener.call(request, body);
    if (event === 'end') process.nextTick(() => listener.call(request));
  });
}
