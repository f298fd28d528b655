import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer, MiddlewareConsumer } from '@nestjs/common';
import type { BodyCapture } from './body-capture.js';
import type { EndpointController } from './endpoint.controller.js';
import type { EndpointRoute, EndpointRoutes } from './endpoint-routes.js';
import type { HttpPlatform } from './http-platform.js';
import { replayBody } from './replay-body.js';
import { stateOf, type WebhookRequest } from './request.js';
import { sendAnswer } from './send-answer.js';

type ExpressRequest = IncomingMessage &
  WebhookRequest & { readonly path: string; readonly ip?: string; body?: unknown };
type Next = () => void;

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
    const answer = (request: ExpressRequest, response: ServerResponse, next: Next) => {
      const route = this.routes.find(request.path)?.route;
      if (!route?.isBuiltIn) return next();
      void (route.instance as EndpointController).receive(request, response);
    };
    const builtIn = this.routes.list.filter(({ isBuiltIn }) => isBuiltIn);
    consumer.apply(answer).forRoutes(...builtIn.map(({ controller }) => controller));
  }

  has({ path }: EndpointRoute): boolean | undefined {
    const { router } = this.adapter.getInstance() as ExpressApp;
    return router?.stack?.some(({ route }) => route?.path === path);
  }

  warnings(): string[] {
    const cure =
      'so the app must keep its raw bytes: create it with { rawBody: true }, or give the webhook another path.';
    return this.routes.list.flatMap(route => {
      if (!route.pattern) {
        return `POST ${route.path} has a pattern that only Express can match, ${cure}`;
      }
      return this.routes.isShared(route)
        ? `POST ${route.path} leads to another route as well, ${cure}`
        : [];
    });
  }

  private captureBody(request: ExpressRequest, response: ServerResponse, next: Next): void {
    // Express's own reading of the request target: another parser might differ from its router's.
    const found = request.method === 'POST' ? this.routes.find(request.path) : undefined;
    if (!found) return next();
    const { endpoint } = found.route;
    const incoming = { endpoint, params: found.params, request, node: request, response };
    void this.capture.capture(incoming).then(captured => {
      if (captured === 'gone') return;
      if (captured !== 'kept') return sendAnswer(response, captured.answer, captured.closes);
      // Middleware that looks at the body finds it empty rather than undefined.
      if (!('body' in request)) request.body = {};
      const { rawBody } = stateOf(request);
      if (rawBody) replayBody(request, rawBody);
      next();
    });
  }
}
