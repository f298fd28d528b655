import { Injectable, Logger, type HttpServer, type MiddlewareConsumer } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import { BodyCapture } from './body-capture.js';
import { EndpointRoutes, type EndpointRoute } from './endpoint-routes.js';
import { ExpressPlatform } from './express-platform.js';
import { FastifyPlatform } from './fastify-platform.js';
import type { HttpPlatform } from './http-platform.js';

/** Installs the endpoints on the app's HTTP platform. */
@Injectable()
export class HttpEndpoints {
  private readonly logger = new Logger('RevragWebhookModule');
  private platform: HttpPlatform | undefined;

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly routes: EndpointRoutes,
    private readonly capture: BodyCapture,
  ) {
    host.init$.subscribe(() => this.install());
  }

  /** Call it when Nest asks modules for their middleware: the app is configured, and no route is registered. */
  configure(consumer: MiddlewareConsumer): void {
    this.routes.load();
    this.platform?.answerBuiltIn?.(consumer);
  }

  /**
   * Call it when Nest has registered its routes.
   *
   * @returns the routes that take deliveries
   * @throws RevragConfigurationError for an endpoint without a route
   */
  checkRoutes(): readonly EndpointRoute[] {
    for (const warning of this.platform?.warnings?.() ?? []) this.logger.warn(warning);
    for (const route of this.routes.list) {
      if (!route.builtIn || this.platform?.has(route) !== false) continue;
      throw new RevragConfigurationError(
        `The endpoint "${route.endpoint}" has no route: nothing answers POST ${route.path}. Likely causes: ` +
          'another route of the app has that path, or something replaces the router. Give the endpoint ' +
          'another `path`.',
      );
    }
    return this.routes.list;
  }

  private install(): void {
    // In an app without HTTP, the adapter stays null and `init$` fires nevertheless.
    const adapter = this.host.httpAdapter as HttpServer | null | undefined;
    if (!adapter) return;
    const type = adapter.getType();
    if (type === 'express') {
      this.platform = new ExpressPlatform(adapter, this.routes, this.capture);
    } else if (type === 'fastify') {
      this.platform = new FastifyPlatform(adapter, this.routes, this.capture);
    } else {
      this.logger.warn(
        `The HTTP adapter "${type}" is neither Express nor Fastify. Deliveries can be verified only if it ` +
          'keeps raw bodies itself, as with { rawBody: true }.',
      );
    }
  }
}
