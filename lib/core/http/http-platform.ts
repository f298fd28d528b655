import type { MiddlewareConsumer } from '@nestjs/common';
import type { EndpointRoute } from './endpoint-routes.js';

/** The parts that differ between HTTP platforms. */
export interface HttpPlatform {
  /** Makes built-in endpoints answer after all middleware of the app. Called before routes are registered. */
  answerBuiltIn?(consumer: MiddlewareConsumer): void;
  /** Whether the platform has the route; undefined if it does not tell. */
  has(route: EndpointRoute): boolean | undefined;
  /** Warnings for the log about routes whose raw bodies cannot be kept, or that get no requests. */
  warnings?(): readonly string[];
}
