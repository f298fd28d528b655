import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { RevragBodyError } from '../errors/revrag-body.error.js';

/**
 * What the headers say of a body before any of it is read.
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

type Body = Buffer | RevragBodyError | undefined;

/**
 * Reads a body to its end.
 *
 * @param done Called once: with the bytes; with an error `body_too_large` as soon as the limit is passed; with
 * undefined where the sender went away before the end. In the async context of who called.
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  done: (body: Body) => void,
): void {
  let read: Body;
  // A promise keeps the async context, which the socket's events do not. It resolves with nothing, as
  // looking for a method `then` costs more on a buffer than all else here.
  const ended = new Promise<void>(resolve => {
    // Let go of at the end: the listeners stay as long as the request.
    let chunks: Buffer[] | undefined = [];
    let length = 0;
    const end = (body: Body) => {
      if (chunks) read = body;
      chunks = undefined;
      resolve();
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) end(tooLarge(limit));
      else chunks?.push(chunk);
    };
    const onEnd = () => {
      if (chunks) end(Buffer.concat(chunks, length));
    };
    const onGone = () => end(undefined);
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
  void ended.then(() => done(read));
}

const tooLarge = (limit: number): RevragBodyError =>
  new RevragBodyError('body_too_large', `The body is larger than the limit of ${limit} bytes.`);
