import type { INestApplication } from '@nestjs/common';
import { findEndpointRoutes } from '../http/express-routes.js';
import { EndpointRegistry } from '../signature/endpoint-registry.js';

const DEFAULT_PATH = '/webhooks/revrag';

/**
 * Path of an endpoint as the app has it. On Express that is the route as registered, with global
 * prefix and all; elsewhere the path that the module was given.
 *
 * @throws Error where there is no such endpoint, or its route has parameters
 */
export function findEndpointPath(app: INestApplication, endpoint: string): string {
  const { path } = app.get(EndpointRegistry, { strict: false }).get(endpoint);
  const adapter = app.getHttpAdapter();
  const routes =
    adapter.getType() === 'express'
      ? findEndpointRoutes(adapter.getInstance() as Parameters<typeof findEndpointRoutes>[0])
      : [];
  const found =
    routes.find(route => route.endpoint === endpoint)?.path ??
    (path === false ? DEFAULT_PATH : `/${path}`);
  if (!/[:*{]/.test(found)) return found;
  throw new Error(`The endpoint "${endpoint}" is at ${found}: give deliver() the path to post to.`);
}
