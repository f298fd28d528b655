import type { IncomingMessage, ServerResponse } from 'node:http';
import { Logger, type HttpServer } from '@nestjs/common';
import { ExpressRoutes, type ExpressApp } from './express-routes.js';
import type { Capture, EndpointRoute, PlatformCapture } from './platform-capture.js';
import { sendAnswer } from './send-answer.js';

type ExpressRequest = IncomingMessage & { url: string; body?: unknown };

/**
 * Express runs middleware in the order it was added, so this one is added as soon as there is an
 * adapter: before Nest's own parsers, and before anything that `main.ts` adds. Which route a request
 * leads to is not known then, so Express is asked.
 */
export class ExpressCapture implements PlatformCapture {
  private readonly logger = new Logger(ExpressCapture.name);
  private routes: ExpressRoutes | undefined;

  constructor(private readonly adapter: HttpServer) {}

  install(capture: Capture): void {
    this.adapter.use((request: ExpressRequest, response: ServerResponse, next: () => void) => {
      const endpoint = request.method === 'POST' ? this.routes?.find(request.url) : undefined;
      if (endpoint === undefined) return next();
      capture(endpoint, request, captured => {
        if (captured === 'gone') return;
        if (captured === 'kept') {
          // Guards that look into the body find it empty rather than absent.
          request.body ??= {};
          next();
        } else {
          sendAnswer(response, captured.answer, captured.closes);
        }
      });
    });
  }

  mapRoutes(): readonly EndpointRoute[] {
    this.routes = new ExpressRoutes(this.adapter.getInstance() as ExpressApp);
    for (const { path } of this.routes.shared) {
      this.logger.warn(
        `POST ${path} leads to another route as well, so its raw bytes are left to the app: create it ` +
          'with { rawBody: true }, or give the webhook a path of its own.',
      );
    }
    return this.routes.endpoints;
  }
}
