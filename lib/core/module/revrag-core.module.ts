import { Global, Logger, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { Clock, systemClock } from '../common/clock.js';
import { InFlight } from '../delivery/in-flight.js';
import { InlineSink } from '../delivery/inline-sink.js';
import { OutcomeLog } from '../delivery/outcome-log.js';
import { HandlerDispatcher } from '../handlers/handler.dispatcher.js';
import { HandlerExplorer } from '../handlers/handler.explorer.js';
import type { Handler } from '../handlers/handler.js';
import { HandlerRegistry } from '../handlers/handler.registry.js';
import { ANY_TYPE, REJECTED } from '../handlers/subscription.js';
import { Observers } from '../handlers/observers.js';
import { HttpEndpoints } from '../http/http-endpoints.js';
import { EndpointRegistry, type Endpoint } from '../delivery/endpoint-registry.js';
import { RevragHttpModule } from './revrag-http.module.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';

const shared = [
  { provide: Clock, useValue: systemClock },
  EndpointRegistry,
  HandlerDispatcher,
  HandlerRegistry,
  InFlight,
  InlineSink,
  Observers,
  OutcomeLog,
];

/** What the endpoints of one app share. Each import of `RevragWebhookModule` imports it; Nest keeps one. */
@Global()
@Module({
  imports: [DiscoveryModule, RevragHttpModule],
  providers: [...shared, HandlerExplorer],
  exports: shared,
})
export class RevragCoreModule implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('RevragWebhookModule');

  constructor(
    modules: ModulesContainer,
    private readonly endpoints: EndpointRegistry,
    private readonly handlers: HandlerRegistry,
    private readonly http: HttpEndpoints,
    private readonly inFlight: InFlight,
    host: HttpAdapterHost,
  ) {
    host.listen$.subscribe(() => this.warnWithoutShutdownHooks());
    // Nest runs hooks by a module's distance from the root, and shutdown hooks in reverse. Beyond the root,
    // this module starts after all others and closes before them, so that running handlers end before
    // Nest destroys the providers that they use.
    for (const module of modules.values()) {
      if (module.metatype === RevragCoreModule) module.distance = -1;
    }
  }

  onModuleInit(): void {
    const endpoints = this.endpoints.list();
    const handlers = this.handlers.list();
    for (const handler of handlers) this.checkEndpointNames(handler);
    for (const { endpoint, path } of this.http.checkRoutes()) {
      this.logger.log(`Endpoint ${endpoint}: POST ${path}`);
    }
    for (const handler of handlers) this.logger.log(`Handler ${describe(handler)}`);
    for (const endpoint of endpoints) this.warnIfUnhandled(endpoint, handlers);
    for (const names of this.endpoints.sharingSecrets()) this.warnOfSharedSecret(names);
  }

  async onModuleDestroy(): Promise<void> {
    const timeout = Math.max(0, ...this.endpoints.list().map(endpoint => endpoint.shutdownTimeout));
    const left = await this.inFlight.drain(timeout);
    if (left > 0) {
      this.logger.warn(
        `Closing although ${left} deliveries are still being handled after ${timeout} ms`,
      );
    }
  }

  private checkEndpointNames({ id, subscriptions }: Handler): void {
    // A process that only runs the jobs of a queue has no endpoints.
    if (this.endpoints.list().length === 0) return;
    for (const { endpoint } of subscriptions) {
      if (endpoint === undefined || this.endpoints.has(endpoint)) continue;
      throw new RevragConfigurationError(
        `The handler ${id} is for the endpoint "${endpoint}", but no import of RevragWebhookModule has that ` +
          'name, so it would never be called. Correct the name, or import the module with it.',
      );
    }
  }

  private warnIfUnhandled({ name }: Endpoint, handlers: readonly Handler[]): void {
    const isHandled = handlers.some(({ subscriptions }) =>
      subscriptions.some(({ type, endpoint = name }) => type !== REJECTED && endpoint === name),
    );
    if (isHandled) return;
    this.logger.warn(
      `No handler matches the deliveries of endpoint ${name}: decorate a method of a provider with ` +
        '@OnCallEnded() and list the provider in a module.',
    );
  }

  private warnOfSharedSecret(names: readonly string[]): void {
    this.logger.warn(
      `The endpoints ${names.join(', ')} have the same secret: a captured delivery of one runs again at ` +
        'another, within its tolerance. Give each endpoint its own secret.',
    );
  }

  /**
   * Only an app that listens is warned: tests, and functions that a platform freezes, get no signal. A
   * module can't reach the app, whose `enableShutdownHooks()` may follow right after `listen()`.
   */
  private warnWithoutShutdownHooks(): void {
    if (process.env['NODE_ENV'] === 'test') return;
    setImmediate(() => {
      if (process.listenerCount('SIGTERM') > 0) return;
      this.logger.warn(
        'Nothing listens to SIGTERM, so stopping this process cuts handlers off. Call ' +
          'app.enableShutdownHooks() in main.ts, and closing waits for them.',
      );
    });
  }
}

function describe({ id, subscriptions }: Handler): string {
  const parts = subscriptions.map(({ type, endpoint, agentId }) => {
    const of = type === REJECTED ? 'rejected deliveries' : type === ANY_TYPE ? 'every event' : type;
    const on = endpoint === undefined ? '' : ` on ${endpoint}`;
    const agents = agentId === undefined ? '' : ` of agent ${[agentId].flat().join(', ')}`;
    return of + on + agents;
  });
  return `${id}: ${parts.join('; ')}`;
}
