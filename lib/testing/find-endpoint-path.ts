import type { INestApplication } from '@nestjs/common';
import { EndpointRoutes } from '../core/http/endpoint-routes.js';
import { EndpointRegistry } from '../core/delivery/endpoint-registry.js';

const DEFAULT_PATH = '/webhooks/revrag';

/**
 * Path of an endpoint: its route as registered, with the global prefix; `/webhooks/revrag` if it has none, as where
 * the app answers by itself.
 *
 * @throws Error if there is no such endpoint, or its route has parameters
 */
export function findEndpointPath(app: INestApplication, endpoint: string): string {
  app.get(EndpointRegistry).get(endpoint);
  const { list: routes } = app.get(EndpointRoutes);
  const found = routes.find(route => route.endpoint === endpoint)?.path ?? DEFAULT_PATH;
  if (!/[:*{]/.test(found)) return found;
  throw new Error(`The endpoint "${endpoint}" is at ${found}: give deliver() the path to post to.`);
}
