import { Module, type MiddlewareConsumer, type NestModule } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Clock } from '../common/clock.js';
import { BodyCapture } from '../http/body-capture.js';
import { BodyPool, POOL_LIMIT } from '../http/body-pool.js';
import { EndpointRoutes } from '../http/endpoint-routes.js';
import { HttpEndpoints } from '../http/http-endpoints.js';

/** The endpoints of one app, over HTTP. */
@Module({
  providers: [
    BodyCapture,
    EndpointRoutes,
    HttpEndpoints,
    {
      provide: BodyPool,
      inject: [Clock],
      useFactory: (clock: Clock) => new BodyPool(POOL_LIMIT, clock),
    },
  ],
  exports: [HttpEndpoints, EndpointRoutes],
})
export class RevragHttpModule implements NestModule {
  constructor(
    modules: ModulesContainer,
    private readonly http: HttpEndpoints,
  ) {
    // Nest mounts the middleware of global modules first, then that of others by their distance from the
    // root. The endpoints answer after all of it, so that handlers have the context that it has set.
    for (const module of modules.values()) {
      if (module.metatype === RevragHttpModule) module.distance = Number.MAX_SAFE_INTEGER;
    }
  }

  configure(consumer: MiddlewareConsumer): void {
    this.http.configure(consumer);
  }
}
