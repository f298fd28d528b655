import type { IncomingMessage } from 'node:http';
import type { Answer } from '../delivery/answer.js';

/** A route that takes deliveries, as registered: with global prefix, version and module path. */
export interface EndpointRoute {
  readonly endpoint: string;
  readonly path: string;
}

/**
 * What became of a request's body: `kept` on the request, which may go on its way; refused with
 * an answer; or the sender has `gone` and there is nobody to answer.
 */
export type Captured = 'kept' | 'gone' | Answer;

/** Reads the body of a request to an endpoint. Never rejects. */
export type Capture = (endpoint: string, request: IncomingMessage) => Promise<Captured>;

/** What has to be done differently on each HTTP platform. */
export interface PlatformCapture {
  /** Has the bodies of deliveries captured before the platform or the app can see them. */
  install(capture: Capture): void;
  /** The routes that take deliveries; asked once Nest has registered them all. */
  mapRoutes(): readonly EndpointRoute[];
}
