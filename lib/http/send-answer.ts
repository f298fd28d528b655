import type { ServerResponse } from 'node:http';
import type { Answer } from '../delivery/answer.js';

/**
 * Writes an answer past the platform's own serialisation, so that no interceptor or filter of the app
 * changes what the sender gets. Does nothing where an answer went out already.
 */
export function sendAnswer(
  response: ServerResponse,
  { statusCode, retryAfter, body }: Answer,
): void {
  if (response.headersSent || response.writableEnded) return;
  const json = JSON.stringify(body);
  response.statusCode = statusCode;
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(json));
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
  response.end(json);
}
