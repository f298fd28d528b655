import type { ServerResponse } from 'node:http';
import type { Answer } from '../delivery/answer.js';

/** As much of Fastify's reply as is used. */
interface FastifyReply extends PromiseLike<void> {
  readonly raw: ServerResponse;
  readonly sent: boolean;
  code(statusCode: number): this;
  header(name: string, value: string): this;
  send(payload: string): this;
}

/** What a platform gives to answer with: Node's response, as Express has it, or Fastify's reply. */
export type PlatformResponse = ServerResponse | FastifyReply;

/**
 * Writes an answer as text, so that no serialiser, interceptor or filter of the app changes what the
 * sender gets. Does nothing where an answer went out already.
 *
 * @param closes Whether the connection ends with it.
 * @returns what to wait for where the platform still has hooks of the app to run
 */
export function sendAnswer(
  response: PlatformResponse,
  answer: Answer,
  closes = false,
): PromiseLike<void> | undefined {
  if ('raw' in response) return sendReply(response, answer, closes);
  writeResponse(response, answer, closes);
  return undefined;
}

function writeResponse(response: ServerResponse, answer: Answer, closes: boolean): void {
  if (response.headersSent || response.writableEnded) return;
  const { statusCode, retryAfter, body } = answer;
  const json = JSON.stringify(body);
  response.statusCode = statusCode;
  response.setHeader('Content-Type', CONTENT_TYPE);
  response.setHeader('Content-Length', Buffer.byteLength(json));
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
  if (closes) response.setHeader('Connection', 'close');
  response.end(json);
}

/** Through Fastify rather than past it, so that its log and the app's `onSend` hooks have their part. */
function sendReply(
  reply: FastifyReply,
  { statusCode, retryAfter, body }: Answer,
  closes: boolean,
): PromiseLike<void> | undefined {
  if (reply.sent || reply.raw.headersSent) return reply;
  reply.code(statusCode).header('content-type', CONTENT_TYPE);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (closes) reply.header('connection', 'close');
  reply.send(JSON.stringify(body));
  // Waiting for a reply costs several listeners; it has gone out already where no hook holds it up.
  return reply.sent ? undefined : reply;
}

const CONTENT_TYPE = 'application/json; charset=utf-8';
