import type { MiddlewareConsumer } from '@nestjs/common';
import type { EndpointRoute } from './endpoint-routes.js';

/** What has to be done differently on each HTTP platform. */
export interface HttpPlatform {
  /** Has built-in endpoints answer behind all middleware of the app; called before routes are registered. */
  answerBuiltIn?(consumer: MiddlewareConsumer): void;
  /** Whether the platform has the route; undefined where it does not show what it has. */
  has(route: EndpointRoute): boolean | undefined;
  /** What keeps bodies from being kept, for the log. */
  warnings(): readonly string[];
}
