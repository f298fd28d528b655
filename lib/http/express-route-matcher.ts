import type { EndpointRoute } from './platform-capture.js';

/** The app's own rules for paths. */
interface PathRules {
  readonly caseSensitive: boolean;
  /** Whether a trailing slash makes another path. */
  readonly strict: boolean;
}

/** Tells whether a request goes to one of the routes, by the app's rules for paths. */
export class RouteMatcher {
  private readonly exact = new Map<string, string>();
  private readonly withParameters: { segments: readonly string[]; endpoint: string }[] = [];

  constructor(
    routes: readonly EndpointRoute[],
    private readonly rules: PathRules,
  ) {
    for (const { path, endpoint } of routes) {
      const normal = this.normalise(path);
      if (!normal.includes(':')) this.exact.set(normal, endpoint);
      else this.withParameters.push({ segments: normal.split('/'), endpoint });
    }
  }

  /** The name of the endpoint that a request's URL leads to. */
  find(url: string): string | undefined {
    const query = url.indexOf('?');
    const path = this.normalise(query === -1 ? url : url.slice(0, query));
    const endpoint = this.exact.get(path);
    if (endpoint !== undefined || this.withParameters.length === 0) return endpoint;
    const segments = path.split('/');
    return this.withParameters.find(route => fits(route.segments, segments))?.endpoint;
  }

  private normalise(path: string): string {
    const { caseSensitive, strict } = this.rules;
    const cased = caseSensitive ? path : path.toLowerCase();
    return !strict && cased.length > 1 && cased.endsWith('/') ? cased.slice(0, -1) : cased;
  }
}

/** A global prefix may hold parameters, such as `/tenants/:tenant`. */
const fits = (route: readonly string[], path: readonly string[]): boolean =>
  route.length === path.length &&
  route.every((segment, index) =>
    segment.startsWith(':') ? path[index] !== '' : segment === path[index],
  );
