import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { overloaded } from '../delivery/unavailable.js';
import { RevragBodyError } from '../errors/revrag-body.error.js';
import type { RevragWebhookError } from '../errors/revrag-webhook.error.js';
import { BodyBuffer } from './body-buffer.js';
import type { BodyShare } from './body-pool.js';

/**
 * Checks the body's headers before any of it is read.
 *
 * @throws RevragBodyError `unsupported_encoding` or `body_too_large`
 */
export function checkBodyHeaders(headers: IncomingHttpHeaders, limit: number): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new RevragBodyError(
      'unsupported_encoding',
      'The body must be sent without a content-encoding: the signature covers its plain bytes.',
    );
  }
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
}

/**
 * Reads a body to its end.
 *
 * @param share Grows with the body.
 * @param done Called once, in the caller's async context: with the bytes; with an error `body_too_large` or
 * `overloaded` as soon as it occurs; with undefined if the sender disconnects before the end.
 * @returns a function that stops the reading for good
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  share: BodyShare,
  done: (body: Buffer | RevragWebhookError | undefined) => void,
): () => void {
  const declared = Number(request.headers['content-length']);
  let body: BodyBuffer | undefined = new BodyBuffer(declared, limit);
  let read: Buffer | RevragWebhookError | undefined;
  // The listeners live as long as the request: drop the body, so that they don't retain it.
  const stop = () => (body = undefined);
  // A promise keeps the async context; the socket's events do not. It resolves with nothing: with a buffer, the
  // engine would search its prototypes for a method `then`, which costs more than the rest of this.
  const ended = new Promise<void>(resolve => {
    const end = (result: typeof read) => {
      if (!body) return;
      stop();
      read = result;
      resolve();
    };
    const onData = (chunk: Buffer) => {
      if (!body) return;
      const size = body.sizeWith(chunk);
      if (size === undefined) end(tooLarge(limit));
      else if (share.grow(size)) body.add(chunk, size);
      else end(overloaded());
    };
    request
      .on('data', onData)
      .on('end', () => end(body?.toBuffer()))
      .on('close', () => end(undefined));
  });
  void ended.then(() => done(read));
  return stop;
}

const tooLarge = (limit: number): RevragBodyError =>
  new RevragBodyError('body_too_large', `The body is larger than the limit of ${limit} bytes.`);
