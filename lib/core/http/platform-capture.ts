import type { IncomingMessage } from 'node:http';
import type { Answer } from '../delivery/answer.js';

/** A route that takes deliveries, as registered: with global prefix, version and module path. */
export interface EndpointRoute {
  readonly endpoint: string;
  readonly path: string;
}

/** The answer to a request that goes no further, and whether its connection ends with it. */
export interface Refusal {
  readonly answer: Answer;
  readonly closes: boolean;
}

/**
 * What became of a request's body: `kept` on the request, which may go on its way; refused with
 * an answer; or the sender has `gone` and there is nobody to answer.
 */
export type Captured = 'kept' | 'gone' | Refusal;

/** Reads the body of a request to an endpoint, and tells what became of it. */
export type Capture = (
  endpoint: string,
  request: IncomingMessage,
  done: (captured: Captured) => void,
) => void;

/** What has to be done differently on each HTTP platform. */
export interface PlatformCapture {
  /** Has the bodies of deliveries captured before the platform or the app can see them. */
  install(capture: Capture): void;
  /** The routes that take deliveries; asked once Nest has registered them all. */
  mapRoutes(): readonly EndpointRoute[];
}
