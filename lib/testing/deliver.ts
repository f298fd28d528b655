import * as http from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import * as https from 'node:https';
import { buffer } from 'node:stream/consumers';
import type { INestApplication } from '@nestjs/common';
import type { Violation } from '../core/errors/revrag-payload.error.js';
import { DEFAULT_ENDPOINT } from '../core/delivery/endpoint-registry.js';
import { findEndpointPath } from './find-endpoint-path.js';
import { signDelivery, type SignDeliveryOptions } from './sign-delivery.js';

export interface DeliverOptions extends SignDeliveryOptions {
  /** Name of the endpoint. Default: `'default'`. */
  endpoint?: string;
  /**
   * Path of the endpoint, with the global prefix. Default: the endpoint's own if it can be found, else
   * `/webhooks/revrag`.
   */
  path?: string;
  /** Headers that replace, or complement, those of a delivery. */
  headers?: Readonly<Record<string, string>>;
}

/** The response to the sender. */
export interface DeliverReply {
  /** HTTP status. */
  status: number;
  /** The endpoint's answer; `{ text }` if it is not JSON. */
  body: {
    /** `processed`, `duplicate`, `ignored`, `abandoned` or `queued`. */
    status?: string;
    /** X-Webhook-ID as sent. */
    id?: string;
    /** Why the delivery was not accepted. */
    code?: string;
    message?: string;
    violations?: Violation[];
    [field: string]: unknown;
  };
  headers: IncomingHttpHeaders;
}

/**
 * Signs a delivery and posts it to an app, over a real socket. If the app does not listen yet, it starts to, on a
 * free port of 127.0.0.1, until `app.close()`. An app with `httpsOptions` may have any certificate.
 *
 * Without `body`, each delivery is about another call. The same body again is a redelivery.
 *
 * @example
 * ```ts
 * const { status } = await deliver(app, { secret, body: callEnded({ duration: 12 }) });
 * ```
 */
export async function deliver(
  app: INestApplication,
  options: DeliverOptions,
): Promise<DeliverReply> {
  const { endpoint = DEFAULT_ENDPOINT, path, headers, ...rest } = options;
  const server = await listening(app);
  const delivery = signDelivery(rest);
  return post(server, path ?? findEndpointPath(app, endpoint), {
    body: delivery.body,
    headers: { ...delivery.headers, ...headers },
  });
}

/** Key of the promise, on the server, so that concurrent deliveries make it listen once. */
const STARTING = Symbol('revragStarting');

async function listening(app: INestApplication): Promise<Server> {
  const server = app.getHttpServer() as Server & { [STARTING]?: Promise<unknown> };
  if (!server.listening) await (server[STARTING] ??= app.listen(0, '127.0.0.1'));
  return server;
}

function post(
  server: Server,
  path: string,
  { body, headers }: { body: Buffer | string; headers: Record<string, string> },
): Promise<DeliverReply> {
  return new Promise((resolve, reject) => {
    const { request } = server instanceof https.Server ? https : http;
    const sent = request({
      ...addressOf(server),
      // A certificate for tests is seldom one for this address.
      rejectUnauthorized: false,
      method: 'POST',
      path: path.startsWith('/') ? path : `/${path}`,
      // A new connection for each delivery, so that none stays open when the app closes.
      agent: false,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    sent.once('response', response => void readReply(response).then(resolve, reject));
    sent.once('error', reject);
    sent.end(body);
  });
}

function addressOf(server: Server): { socketPath: string } | { host: string; port: number } {
  const address = server.address();
  if (address === null) throw new Error('The app no longer listens: was it closed?');
  if (typeof address === 'string') return { socketPath: address };
  const isAny = address.address === '::' || address.address === '0.0.0.0';
  return { host: isAny ? 'localhost' : address.address, port: address.port };
}

async function readReply(response: IncomingMessage): Promise<DeliverReply> {
  const text = (await buffer(response)).toString('utf8');
  const { statusCode: status = 0, headers } = response;
  return { status, headers, body: parse(text) };
}

function parse(text: string): DeliverReply['body'] {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null) return value as DeliverReply['body'];
  } catch {
    // Not an answer of the endpoint.
  }
  return { text };
}
