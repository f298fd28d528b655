import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Clock } from '../clock.js';
import { internalError, toAnswer } from '../delivery/answer.js';
import { shuttingDown } from '../delivery/delivery-processor.js';
import { InFlight } from '../delivery/in-flight.js';
import { OutcomeLog } from '../delivery/outcome-log.js';
import { EndpointRegistry, type Endpoint } from '../signature/endpoint-registry.js';
import { RevragWebhookError } from '../signature/errors/revrag-webhook.error.js';
import { stateOf } from '../signature/request.js';
import { RouteMatcher, findEndpointRoutes, type EndpointRoute } from './express-routes.js';
import { checkBodyHeaders, discardBody, readBody } from './read-body.js';
import { sendAnswer } from './send-answer.js';

type ExpressRequest = IncomingMessage & { url: string };

/**
 * Keeps the raw bytes of requests to routes that take deliveries, before any parser sees them, and
 * answers at once those that their headers condemn. All other requests pass untouched.
 *
 * Express runs middleware in the order it was added, so this one is added as soon as there is an
 * adapter: before Nest's own parsers, and before anything that `main.ts` adds.
 */
@Injectable()
export class BodyCapture {
  private readonly logger = new Logger(BodyCapture.name);
  private routes: RouteMatcher | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly endpoints: EndpointRegistry,
    private readonly inFlight: InFlight,
    private readonly log: OutcomeLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    host.init$.subscribe(() => this.install());
  }

  /** To be called when Nest has registered its routes. */
  mapRoutes(): readonly EndpointRoute[] {
    if (!this.isExpress()) return [];
    const app = this.host.httpAdapter.getInstance<Parameters<typeof findEndpointRoutes>[0]>();
    const routes = findEndpointRoutes(app);
    for (const { endpoint } of routes) this.endpoints.get(endpoint);
    this.routes = new RouteMatcher(app, routes);
    return routes;
  }

  /** In an app without HTTP the adapter stays null, and `init$` fires all the same. */
  private isExpress(): boolean {
    const adapter = this.host.httpAdapter as HttpAdapterHost['httpAdapter'] | null | undefined;
    return adapter?.getType() === 'express';
  }

  private install(): void {
    if (!this.isExpress()) return;
    const adapter = this.host.httpAdapter;
    adapter.use((request: ExpressRequest, response: ServerResponse, next: () => void) => {
      const name = request.method === 'POST' ? this.routes?.find(request.url) : undefined;
      if (name === undefined) next();
      else void this.capture(this.endpoints.get(name), request, response, next);
    });
  }

  private async capture(
    endpoint: Endpoint,
    request: IncomingMessage,
    response: ServerResponse,
    next: () => void,
  ): Promise<void> {
    const startedAt = this.clock.now();
    try {
      const rawBody = await this.read(endpoint, request);
      // The sender went away; there is nobody to answer.
      if (rawBody === undefined) return;
    } catch (error) {
      discardBody(request);
      const duration = this.clock.now() - startedAt;
      return this.refuse(endpoint, response, error, duration);
    }
    next();
  }

  private async read(endpoint: Endpoint, request: IncomingMessage): Promise<Buffer | undefined> {
    if (this.inFlight.closing) throw shuttingDown();
    const state = stateOf(request);
    state.head = endpoint.verifier.readHead(request.headers);
    checkBodyHeaders(request, endpoint.bodyLimit);
    return (state.rawBody = await readBody(request, endpoint.bodyLimit));
  }

  private refuse(
    { name }: Endpoint,
    response: ServerResponse,
    error: unknown,
    duration: number,
  ): void {
    if (error instanceof RevragWebhookError) {
      const outcome = { status: 'refused', error } as const;
      this.log.write({ endpoint: name, duration }, outcome);
      return sendAnswer(response, toAnswer(outcome));
    }
    this.logger.error('A delivery could not be read', (error as Error | undefined)?.stack);
    sendAnswer(response, internalError());
  }
}
