import type { INestApplication } from '@nestjs/common';
import { EndpointRoutes } from '../core/http/endpoint-routes.js';
import { EndpointRegistry } from '../core/delivery/endpoint-registry.js';

const DEFAULT_PATH = '/webhooks/revrag';

/**
 * Path of an endpoint: its route as registered, with the global prefix; if no route is known, the path that the
 * module was given.
 *
 * @throws Error if there is no such endpoint, or its route has parameters
 */
export function findEndpointPath(app: INestApplication, endpoint: string): string {
  const { path } = app.get(EndpointRegistry, { strict: false }).get(endpoint);
  const { list: routes } = app.get(EndpointRoutes, { strict: false });
  const found =
    routes.find(route => route.endpoint === endpoint)?.path ??
    (path === false ? DEFAULT_PATH : `/${path}`);
  if (!/[:*{]/.test(found)) return found;
  throw new Error(`The endpoint "${endpoint}" is at ${found}: give deliver() the path to post to.`);
}
