import { Injectable } from '@nestjs/common';
import { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import { EndpointRegistry } from '../delivery/endpoint-registry.js';
import { checkGuard } from './check-guard.js';
import { endpointMarkOf } from './endpoint-metadata.js';
import { nestRoutes, type NestRoute } from './nest-routes.js';
import type { PathParams } from '../signature/path-params.js';
import { PathPattern } from './path-pattern.js';

/** A route that takes deliveries. */
export interface EndpointRoute extends NestRoute {
  readonly endpoint: string;
  /** Whether it is the endpoint's own, rather than one of a controller of the app. */
  readonly isBuiltIn: boolean;
}

export interface FoundRoute {
  readonly route: EndpointRoute;
  readonly params: PathParams;
}

/** A route for POST requests, of anybody. */
interface Candidate {
  readonly pattern: PathPattern | undefined;
  readonly path: string;
  /** Undefined for a route that has nothing to do with deliveries. */
  readonly route: EndpointRoute | undefined;
}

/**
 * Which requests are deliveries: known from what the app declares and configures, never from what a
 * router holds, which agents wrap and middleware adds to.
 */
@Injectable()
export class EndpointRoutes {
  private candidates: readonly Candidate[] = [];
  private shared: ReadonlySet<EndpointRoute> = new Set();
  private literals: ReadonlyMap<string, FoundRoute> = new Map();
  /** Of ours, those that are not literal. */
  private patterns: readonly PathPattern[] = [];

  constructor(
    private readonly modules: ModulesContainer,
    private readonly config: ApplicationConfig,
    private readonly endpoints: EndpointRegistry,
  ) {}

  /**
   * To be called once the app is configured and before Nest registers its routes.
   *
   * @throws RevragConfigurationError for an endpoint that there is not, and for a method without its guard
   */
  load(): void {
    this.candidates = nestRoutes(this.modules, this.config).map(route => this.toCandidate(route));
    this.shared = new Set(this.list.filter(route => this.leadsElsewhere(route)));
    const literals = new Map<string, FoundRoute>();
    const patterns: PathPattern[] = [];
    for (const { path, pattern, route } of this.candidates) {
      if (!route || !pattern || this.shared.has(route)) continue;
      if (pattern.isLiteral) literals.set(path.toLowerCase(), { route, params: {} });
      else patterns.push(pattern);
    }
    this.literals = literals;
    this.patterns = patterns;
  }

  /** All of them, in the order in which Nest registers them. */
  get list(): readonly EndpointRoute[] {
    return this.candidates.flatMap(({ route }) => route ?? []);
  }

  /** The route that a path leads to in a router that asks one route after the other, as that of Express. */
  find(path: string): FoundRoute | undefined {
    const literal = this.literals.get(path) ?? this.literals.get(withoutSlash(path).toLowerCase());
    if (literal || !this.patterns.some(pattern => pattern.match(path))) return literal;
    const matching = this.candidates.flatMap(({ pattern, route }) => {
      const params = pattern?.match(path);
      return params ? { route, params, isLiteral: pattern?.isLiteral } : [];
    });
    // Built-in endpoints answer before the router, but not where the app has just that path.
    const isTaken = matching.some(({ route, isLiteral }) => isLiteral && !route);
    const builtIn = isTaken ? undefined : matching.find(({ route }) => route?.isBuiltIn);
    const { route, params } = builtIn ?? matching.find(each => !each.route?.isBuiltIn) ?? {};
    return route && params && !this.shared.has(route) ? { route, params } : undefined;
  }

  /** The route of a path as the platform registers it. */
  ofPath(path: string, version: unknown): EndpointRoute | undefined {
    return this.list.find(route => route.path === path && route.version === version);
  }

  /** Whether `find` can tell a route's requests from their path. */
  isFindable(own: EndpointRoute): boolean {
    return this.candidates.some(({ route, pattern }) => route === own && pattern !== undefined);
  }

  /** Whether `find` leaves a route alone, as its path leads to somebody else's as well. */
  isShared(own: EndpointRoute): boolean {
    return this.shared.has(own);
  }

  /** Whether another route has the path too, told apart by host or version, or matches it first. */
  private leadsElsewhere(own: EndpointRoute): boolean {
    if (own.isBuiltIn) return false;
    const index = this.candidates.findIndex(({ route }) => route === own);
    return this.candidates.some(
      ({ path, pattern, route }, at) =>
        route?.endpoint !== own.endpoint &&
        (path === own.path || (at < index && pattern?.match(own.path) !== undefined)),
    );
  }

  private toCandidate(nest: NestRoute): Candidate {
    const { controller, method, path } = nest;
    const pattern = PathPattern.of(path);
    const mark = endpointMarkOf(controller.prototype as object, method);
    if (!mark) return { path, pattern, route: undefined };
    // A name that no import has stops the boot.
    this.endpoints.get(mark.endpoint);
    if (!mark.isBuiltIn) checkGuard(controller, method);
    return { path, pattern, route: { ...nest, ...mark } };
  }
}

const withoutSlash = (path: string) => (path.endsWith('/') ? path.slice(0, -1) : path);
