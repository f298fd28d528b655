import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import { ENDPOINT_METADATA } from '../signature/endpoint-metadata.js';
import { RouteMatcher } from './express-route-matcher.js';
import type { Capture, EndpointRoute, PlatformCapture } from './platform-capture.js';
import { sendAnswer } from './send-answer.js';

/** As much of an Express app as is looked at, all of it documented API but a layer's `route`. */
interface ExpressApp {
  readonly router?: {
    readonly stack?: readonly {
      readonly route?: {
        readonly path: unknown;
        readonly stack: readonly { readonly handle: object; readonly method?: string }[];
      };
    }[];
  };
  enabled(setting: string): boolean;
}

type ExpressRequest = IncomingMessage & { url: string };

/**
 * Express runs middleware in the order it was added, so this one is added as soon as there is an
 * adapter: before Nest's own parsers, and before anything that `main.ts` adds. Which route a request
 * leads to is not known then, so its URL is matched.
 */
export class ExpressCapture implements PlatformCapture {
  private matcher: RouteMatcher | undefined;

  constructor(private readonly adapter: HttpServer) {}

  install(capture: Capture): void {
    this.adapter.use((request: ExpressRequest, response: ServerResponse, next: () => void) => {
      const endpoint = request.method === 'POST' ? this.matcher?.find(request.url) : undefined;
      if (endpoint === undefined) return next();
      void capture(endpoint, request).then(captured => {
        if (captured === 'kept') next();
        else if (captured !== 'gone') sendAnswer(response, captured);
      });
    });
  }

  mapRoutes(): readonly EndpointRoute[] {
    const app = this.adapter.getInstance() as ExpressApp;
    const routes = findEndpointRoutes(app);
    this.matcher = new RouteMatcher(routes, {
      caseSensitive: app.enabled('case sensitive routing'),
      strict: app.enabled('strict routing'),
    });
    return routes;
  }
}

/** Nest copies a method's metadata to the handler that it registers, which is what tells them. */
function findEndpointRoutes(app: ExpressApp): EndpointRoute[] {
  const found: EndpointRoute[] = [];
  for (const { route } of app.router?.stack ?? []) {
    if (!route || typeof route.path !== 'string') continue;
    for (const { handle, method } of route.stack) {
      const endpoint = Reflect.getMetadata(ENDPOINT_METADATA, handle) as string | undefined;
      if (endpoint !== undefined && method === 'post') found.push({ endpoint, path: route.path });
    }
  }
  return found;
}
