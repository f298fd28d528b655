import { ENDPOINT_METADATA } from '../signature/endpoint-metadata.js';

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

/** A route that takes deliveries, as registered: with global prefix, version and module path. */
export interface EndpointRoute {
  readonly endpoint: string;
  readonly path: string;
}

/**
 * The routes of an Express app that take deliveries.
 *
 * Nest copies a method's metadata to the handler that it registers, which is what tells them.
 */
export function findEndpointRoutes(app: ExpressApp): EndpointRoute[] {
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

/** Tells whether a request goes to one of the routes, by the app's own rules for paths. */
export class RouteMatcher {
  private readonly exact = new Map<string, string>();
  private readonly withParameters: { segments: readonly string[]; endpoint: string }[] = [];
  private readonly caseSensitive: boolean;
  private readonly strict: boolean;

  constructor(app: ExpressApp, routes: readonly EndpointRoute[]) {
    this.caseSensitive = app.enabled('case sensitive routing');
    this.strict = app.enabled('strict routing');
    for (const { path, endpoint } of routes) {
      const normal = this.normalise(path);
      if (!normal.includes(':')) this.exact.set(normal, endpoint);
      else this.withParameters.push({ segments: normal.split('/'), endpoint });
    }
  }

  /** The name of the endpoint that a request's URL leads to. */
  find(url: string): string | undefined {
    const path = this.normalise(pathOf(url));
    const endpoint = this.exact.get(path);
    if (endpoint !== undefined || this.withParameters.length === 0) return endpoint;
    const segments = path.split('/');
    return this.withParameters.find(route => fits(route.segments, segments))?.endpoint;
  }

  private normalise(path: string): string {
    const cased = this.caseSensitive ? path : path.toLowerCase();
    return !this.strict && cased.length > 1 && cased.endsWith('/') ? cased.slice(0, -1) : cased;
  }
}

/**
 * The path of a request target as Express sees it: without scheme and host (proxies may write
 * `POST http://host/path`), query, fragment and outer white space. To take more than Express does is
 * harmless; a request that it routes and this misses would have its bytes taken by a parser.
 */
const pathOf = (target: string): string =>
  target
    .replace(/[?#].*$/s, '')
    .trim()
    .replaceAll('\\', '/')
    .replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '');

/** A global prefix may hold parameters, such as `/tenants/:tenant`. */
const fits = (route: readonly string[], path: readonly string[]): boolean =>
  route.length === path.length &&
  route.every((segment, index) =>
    segment.startsWith(':') ? path[index] !== '' : segment === path[index],
  );
