import { Injectable, type Type } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { EndpointRegistry } from '../delivery/endpoint-registry.js';
import { WebhookReceiver } from '../delivery/webhook-receiver.js';
import type { PathParams } from '../signature/path-params.js';
import { checkGuard } from './check-guard.js';
import type { EndpointController } from './endpoint.controller.js';
import { endpointMarkOf } from './endpoint-metadata.js';
import { nestRoutes, type NestRoute } from './nest-routes.js';
import { PathPattern, literalOf } from './path-pattern.js';

/** A route that takes deliveries. */
export interface EndpointRoute extends NestRoute {
  /** Name of the endpoint. */
  readonly endpoint: string;
  /** Receives for a built-in endpoint; undefined for a controller of the app. */
  readonly builtIn: EndpointController | undefined;
  /** Undefined for a path that only the router can match. */
  readonly pattern: PathPattern | undefined;
}

interface FoundRoute {
  readonly route: EndpointRoute;
  readonly params: PathParams;
}

/** Any route for POST requests. */
interface Candidate {
  readonly nest: NestRoute;
  readonly pattern: PathPattern | undefined;
  /** Undefined for a route that takes no deliveries. */
  readonly route: EndpointRoute | undefined;
}

/**
 * Decides which requests are deliveries, by what the app declares and configures. The router's layers are no help:
 * agents wrap them, and middleware adds to them (decision 36).
 */
@Injectable()
export class EndpointRoutes {
  private candidates: readonly Candidate[] = [];
  private shared: ReadonlySet<EndpointRoute> = new Set();
  /** What `find` returns for the paths of literal patterns, so that it need not search. */
  private literals: ReadonlyMap<string, FoundRoute | undefined> = new Map();
  /** The other patterns of routes that take deliveries. */
  private patterns: readonly PathPattern[] = [];

  constructor(
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
    private readonly endpoints: EndpointRegistry,
  ) {}

  /**
   * Call it once the app is configured and before Nest registers its routes.
   *
   * @throws RevragConfigurationError for an endpoint that does not exist, or a method that has lost its guard
   */
  load(): void {
    this.candidates = nestRoutes(this.modules, this.config).map(route => this.toCandidate(route));
    this.shared = new Set(this.list.filter(route => this.leadsElsewhere(route)));
    const literals = new Map<string, FoundRoute | undefined>();
    const patterns: PathPattern[] = [];
    for (const route of this.list) {
      const { pattern, builtIn } = route;
      if (!pattern) continue;
      const { literal } = pattern;
      if (literal === undefined) patterns.push(pattern);
      else literals.set(literal, builtIn ? { route, params: {} } : this.search(literal));
    }
    this.literals = literals;
    this.patterns = patterns;
  }

  /** All routes that take deliveries, in the order in which Nest registers them. */
  get list(): readonly EndpointRoute[] {
    return this.candidates.flatMap(({ route }) => route ?? []);
  }

  /** The route of a path, for a router such as Express's, which tries one route after the other. */
  find(path: string): FoundRoute | undefined {
    const literal = this.literals.get(literalOf(path));
    if (literal) return literal;
    // Spares requests for other routes the search.
    return this.patterns.some(pattern => pattern.match(path)) ? this.search(path) : undefined;
  }

  /** The route that the platform registers under a path and version. */
  ofPath(path: string, version: unknown): EndpointRoute | undefined {
    return this.list.find(route => route.path === path && route.version === version);
  }

  /** Whether `find` skips a route because its path leads to another route as well. */
  isShared(own: EndpointRoute): boolean {
    return this.shared.has(own);
  }

  /** Other routes of the app with exactly the path of a built-in endpoint, which answers before them. */
  hiddenBy({ builtIn, pattern: own }: EndpointRoute): readonly NestRoute[] {
    if (!builtIn || own?.literal === undefined) return [];
    return this.candidates
      .filter(({ pattern, route }) => !route?.builtIn && pattern?.literal === own.literal)
      .map(({ nest }) => nest);
  }

  /**
   * The first route that matches. A built-in endpoint answers before the router, so it comes first, unless its path
   * has parameters and a route with exactly this path was registered before it.
   */
  private search(path: string): FoundRoute | undefined {
    let first: { route: EndpointRoute | undefined; params: PathParams } | undefined;
    for (const { pattern, route } of this.candidates) {
      if (!pattern) continue;
      const params = pattern.match(path);
      if (!params) continue;
      if (route?.builtIn) return { route, params };
      first ??= { route, params };
      if (pattern.literal !== undefined) break;
    }
    if (!first?.route || this.shared.has(first.route)) return undefined;
    return { route: first.route, params: first.params };
  }

  /** Whether another route has the same path, with another host or version, or matches it first. */
  private leadsElsewhere(own: EndpointRoute): boolean {
    if (own.builtIn) return false;
    const index = this.candidates.findIndex(({ route }) => route === own);
    return this.candidates.some(
      ({ nest, pattern, route }, at) =>
        route?.endpoint !== own.endpoint &&
        (nest.path === own.path || (at < index && pattern?.match(own.path) !== undefined)),
    );
  }

  private toCandidate(nest: NestRoute): Candidate {
    const { controller, method, path } = nest;
    const pattern = PathPattern.of(path);
    const mark = endpointMarkOf(controller.prototype as object, method);
    if (!mark) return { nest, pattern, route: undefined };
    const { endpoint, isBuiltIn } = mark;
    // Throws, and stops the boot, for a name that no import has.
    this.endpoints.get(endpoint);
    if (!isBuiltIn) checkGuard(controller, method);
    const builtIn = isBuiltIn ? builtInOf(nest) : undefined;
    return { nest, pattern, route: { ...nest, endpoint, builtIn, pattern } };
  }
}

/**
 * A controller's object for a built-in endpoint. Nest may have none: where a global guard or interceptor of the app is
 * request-scoped, it constructs every controller for each request.
 */
function builtInOf({ controller, module }: NestRoute): EndpointController {
  const receiver = module.providers.get(WebhookReceiver)?.instance as WebhookReceiver;
  return new (controller as Type<EndpointController>)(receiver);
}
