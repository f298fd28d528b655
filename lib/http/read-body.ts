import type { IncomingMessage } from 'node:http';
import { RevragBodyError } from '../signature/errors/revrag-body.error.js';

/**
 * What the headers say of a body before any of it is read.
 *
 * @throws RevragBodyError `unsupported_encoding` or `body_too_large`
 */
export function checkBodyHeaders(request: IncomingMessage, limit: number): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new RevragBodyError(
      'unsupported_encoding',
      'The body must be sent without a content-encoding: the signature covers its plain bytes.',
    );
  }
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
}

/**
 * Reads a body to its end.
 *
 * @returns the bytes; undefined where the sender went away before the end
 * @throws RevragBodyError `body_too_large` as soon as the limit is passed
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    // Let go of at the end: the listeners stay as long as the request.
    let chunks: Buffer[] | undefined = [];
    let length = 0;
    const finish = (settle: (received: readonly Buffer[]) => void) => {
      const received = chunks;
      chunks = undefined;
      if (received) settle(received);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) finish(() => reject(tooLarge(limit)));
      else chunks?.push(chunk);
    };
    const onEnd = () =>
      finish(received =>
        resolve(received.length === 1 ? received[0] : Buffer.concat(received, length)),
      );
    const onGone = () => finish(() => resolve(undefined));
    request.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
}

const tooLarge = (limit: number): RevragBodyError =>
  new RevragBodyError('body_too_large', `The body is larger than the limit of ${limit} bytes.`);
