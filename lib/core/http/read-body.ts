import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { overloaded } from '../errors/unavailable.js';
import { RevragBodyError } from '../errors/revrag-body.error.js';
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
 * @param stopped Rejects when the reading has to end, such as when it has taken too long, with the error of that.
 * @returns undefined if the sender disconnects before the end. No `Buffer`: in whatever a promise resolves to, the
 * engine searches for a method `then`, and the prototypes of a buffer take it longer than the rest of this.
 * @throws as soon as it occurs, RevragBodyError `body_too_large` or RevragUnavailableError `overloaded`
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  share: BodyShare,
  stopped: Promise<never>,
): Promise<BodyBuffer | undefined> {
  const declared = Number(request.headers['content-length']);
  return new Promise((resolve, reject) => {
    // The listeners live as long as the request. When the reading is over, they let go of the body.
    let body: BodyBuffer | undefined = new BodyBuffer(declared, limit);
    const end = (read?: BodyBuffer) => {
      body = undefined;
      resolve(read);
    };
    const fail = (error: Error) => {
      body = undefined;
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      if (!body) return;
      const size = body.sizeWith(chunk);
      if (size === undefined) fail(tooLarge(limit));
      else if (share.grow(size)) body.add(chunk, size);
      else fail(overloaded());
    };
    request
      .on('data', onData)
      .on('end', () => end(body))
      .on('close', () => end());
    stopped.catch(fail);
  });
}

const tooLarge = (limit: number): RevragBodyError =>
  new RevragBodyError('body_too_large', `The body is larger than the limit of ${limit} bytes.`);
