import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger, type HttpServer } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Clock } from '../common/clock.js';
import { internalError, toAnswer, type Answer } from '../delivery/answer.js';
import { InFlight } from '../delivery/in-flight.js';
import { OutcomeLog } from '../delivery/outcome-log.js';
import { shuttingDown } from '../delivery/unavailable.js';
import { EndpointRegistry, type Endpoint } from '../delivery/endpoint-registry.js';
import { RevragBodyError } from '../errors/revrag-body.error.js';
import { RevragWebhookError } from '../errors/revrag-webhook.error.js';
import type { DeliveryHead } from '../signature/headers.js';
import { stateOf } from './request.js';
import { ExpressCapture } from './express-capture.js';
import { FastifyCapture } from './fastify-capture.js';
import type { Captured, EndpointRoute, PlatformCapture } from './platform-capture.js';
import { checkBodyHeaders, readBody } from './read-body.js';
import { leaveBody } from './unwanted-body.js';

/**
 * Keeps the raw bytes of requests to routes that take deliveries, before any parser sees them, and
 * answers at once those that their headers condemn. All other requests pass untouched.
 */
@Injectable()
export class BodyCapture {
  private readonly logger = new Logger(BodyCapture.name);
  private platform: PlatformCapture | undefined;
  private mapped: readonly EndpointRoute[] = [];

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly endpoints: EndpointRegistry,
    private readonly inFlight: InFlight,
    private readonly log: OutcomeLog,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    host.init$.subscribe(() => this.install());
  }

  /** Known from `mapRoutes()` on. */
  get routes(): readonly EndpointRoute[] {
    return this.mapped;
  }

  /** To be called when Nest has registered its routes. */
  mapRoutes(): readonly EndpointRoute[] {
    this.mapped = this.platform?.mapRoutes() ?? [];
    for (const { endpoint } of this.mapped) this.endpoints.get(endpoint);
    return this.mapped;
  }

  private install(): void {
    // In an app without HTTP the adapter stays null, and `init$` fires all the same.
    const adapter = this.host.httpAdapter as HttpServer | null | undefined;
    if (!adapter) return;
    this.platform = platformOf(adapter);
    if (!this.platform) {
      this.logger.warn(
        `The HTTP adapter "${adapter.getType()}" is neither Express nor Fastify: deliveries can be ` +
          'verified only where it keeps raw bodies itself, as with { rawBody: true }.',
      );
    }
    this.platform?.install((endpoint, request, done) =>
      this.capture(this.endpoints.get(endpoint), request, done),
    );
  }

  private capture(
    endpoint: Endpoint,
    request: IncomingMessage,
    done: (captured: Captured) => void,
  ): void {
    const startedAt = this.clock.now();
    const refuse = (error: unknown) => {
      const closes = leaveBody(request);
      done({ answer: this.refuse(endpoint, error, startedAt), closes });
    };
    let head: DeliveryHead;
    try {
      head = this.readHead(endpoint, request.headers, startedAt);
    } catch (error) {
      return refuse(error);
    }
    if (request.readableEnded) {
      // Something came first and read it; what it left of it is for rawBodyOf() to find.
      keep(request, head);
      return done('kept');
    }
    // Closing the app waits for a body, but not for a sender that holds it open.
    const work = this.inFlight.start(() => request.destroy());
    readBody(request, endpoint.bodyLimit, body => {
      this.inFlight.done(work);
      if (body instanceof RevragBodyError) return refuse(body);
      if (!body) return done('gone');
      keep(request, head, body);
      done('kept');
    });
  }

  private readHead(
    { verifier, bodyLimit }: Endpoint,
    headers: IncomingHttpHeaders,
    startedAt: number,
  ): DeliveryHead {
    if (this.inFlight.closing) throw shuttingDown();
    const head = verifier.readHead(headers, startedAt);
    checkBodyHeaders(headers, bodyLimit);
    return head;
  }

  private refuse({ name }: Endpoint, error: unknown, startedAt: number): Answer {
    if (error instanceof RevragWebhookError) {
      const outcome = { status: 'refused', error } as const;
      this.log.write({ endpoint: name, startedAt }, outcome);
      return toAnswer(outcome);
    }
    this.logger.error('A delivery could not be read', (error as Error | undefined)?.stack);
    return internalError();
  }
}

function keep(request: IncomingMessage, head: DeliveryHead, rawBody?: Buffer): void {
  const state = stateOf(request);
  state.head = head;
  state.rawBody = rawBody;
}

function platformOf(adapter: HttpServer): PlatformCapture | undefined {
  switch (adapter.getType()) {
    case 'express':
      return new ExpressCapture(adapter);
    case 'fastify':
      return new FastifyCapture(adapter);
    default:
      return undefined;
  }
}
