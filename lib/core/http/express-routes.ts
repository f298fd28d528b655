import { ENDPOINT_METADATA } from './endpoint-metadata.js';
import type { EndpointRoute } from './platform-capture.js';

/** As much of an Express app as is looked at. */
export interface ExpressApp {
  readonly router?: { readonly stack?: readonly ExpressLayer[] };
}

interface ExpressLayer {
  /** Express's own answer to whether a path leads here. */
  match(path: string): boolean;
  readonly route?: {
    readonly path: unknown;
    readonly stack: readonly { readonly handle: object; readonly method?: string }[];
  };
}

/** A route that takes POST requests. */
interface PostRoute {
  readonly path: string;
  /** Undefined for a route that has nothing to do with deliveries. */
  readonly endpoint: string | undefined;
  /** Whether it takes all methods; Nest adds such routes after all others to answer 404. */
  readonly isForAll: boolean;
  readonly layer: ExpressLayer;
}

const isLiteral = (path: string) => !/[:*{(\\]/.test(path);

/**
 * The routes of an Express app that take deliveries, and whether a request leads to one.
 *
 * Nest copies a method's metadata to the handler that it registers, which is what tells them.
 */
export class ExpressRoutes {
  /** In the order that Express asks them. */
  private readonly posts: readonly PostRoute[];
  private readonly literal: readonly PostRoute[];
  /** The endpoint by the path as registered, which is how senders nearly always write it. */
  private readonly exact: ReadonlyMap<string, string | undefined>;
  private readonly patterns: readonly PostRoute[];
  /**
   * Those of which the path leads to another route as well, told apart by host or version, say. Their
   * requests are left alone, as the other's body would be gone.
   */
  readonly shared: readonly EndpointRoute[];

  constructor(app: ExpressApp) {
    this.posts = (app.router?.stack ?? []).flatMap(toPostRoute);
    const own = this.posts.filter(({ endpoint }) => endpoint !== undefined);
    const shared = own.filter(route => this.isShared(route));
    this.shared = shared.flatMap(toEndpointRoute);
    const unshared = own.filter(route => !shared.includes(route));
    this.literal = unshared.filter(({ path }) => isLiteral(path));
    this.exact = new Map(this.literal.map(({ path }) => [path, this.findLiteral(path)?.endpoint]));
    this.patterns = unshared.filter(({ path }) => !isLiteral(path));
  }

  get endpoints(): readonly EndpointRoute[] {
    return this.posts.flatMap(toEndpointRoute);
  }

  /** The name of the endpoint that a request's URL leads to. */
  find(url: string): string | undefined {
    if (this.literal.length === 0 && this.patterns.length === 0) return undefined;
    const exact = this.exact.get(url);
    if (exact !== undefined) return exact;
    const path = pathOf(url);
    const literal = this.findLiteral(path);
    if (literal) return literal.endpoint;
    if (!this.patterns.some(({ layer }) => layer.match(path))) return undefined;
    // Another route with a pattern of its own may come before.
    return this.posts.find(({ layer }) => layer.match(path))?.endpoint;
  }

  private findLiteral(path: string): PostRoute | undefined {
    return this.literal.find(({ layer }) => layer.match(path));
  }

  private isShared(route: PostRoute): boolean {
    const index = this.posts.indexOf(route);
    const comesBefore = (other: PostRoute) =>
      isLiteral(route.path) && other.layer.match(route.path);
    return (
      this.posts.slice(0, index).some(other => other.path === route.path || comesBefore(other)) ||
      this.posts.slice(index + 1).some(other => other.path === route.path && !other.isForAll)
    );
  }
}

const toEndpointRoute = ({ path, endpoint }: PostRoute): EndpointRoute[] =>
  endpoint === undefined ? [] : [{ path, endpoint }];

function toPostRoute(layer: ExpressLayer): PostRoute[] {
  const { route } = layer;
  if (!route || typeof route.path !== 'string') return [];
  const post = route.stack.find(({ method }) => method === 'post' || method === undefined);
  if (!post) return [];
  const endpoint = Reflect.getMetadata(ENDPOINT_METADATA, post.handle) as string | undefined;
  return [{ path: route.path, endpoint, isForAll: post.method === undefined, layer }];
}

/** The path of a request target, as Express takes it: without query, and of a whole URL too. */
function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  const target = end === -1 ? url : url.slice(0, end);
  if (target.startsWith('/')) return target;
  return URL.canParse(target) ? new URL(target).pathname : target;
}
