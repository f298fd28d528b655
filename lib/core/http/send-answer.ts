import type { ServerResponse } from 'node:http';
import type { Answer } from '../delivery/answer.js';

/** The part of Fastify's reply that is used. */
export interface FastifyReply {
  readonly raw: ServerResponse;
  readonly log: { error(error: unknown): void };
  code(statusCode: number): this;
  header(name: string, value: string): this;
  send(payload: string): this;
  callNotFound(): unknown;
}

/** A platform's response: Node's, as Express has it, or Fastify's reply. */
export type PlatformResponse = ServerResponse | FastifyReply;

const CONTENT_TYPE = 'application/json; charset=utf-8';

/**
 * Writes an answer as text, so that no serialiser, interceptor or filter of the app changes it. Does nothing if an
 * answer was sent before.
 *
 * @param closes Whether the connection closes with it.
 */
export function sendAnswer(response: PlatformResponse, answer: Answer, closes = false): void {
  if ('raw' in response) sendReply(response, answer, closes);
  else writeResponse(response, answer, closes);
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

/** Answers through Fastify, so that its log and the app's `onSend` hooks run. */
function sendReply(
  reply: FastifyReply,
  { statusCode, retryAfter, body }: Answer,
  closes: boolean,
): void {
  if (reply.raw.headersSent) return;
  reply.code(statusCode).header('content-type', CONTENT_TYPE);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  if (closes) reply.header('connection', 'close');
  reply.send(JSON.stringify(body));
}
