import type { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest } from 'node:http2';

/** A body known to be no larger is read away, so that its connection can serve on. In bytes. */
const READ_AWAY_LIMIT = 64 * 1024;

/**
 * How long a connection stays half open after an answer that its sender may not have read yet, in
 * milliseconds. Closed at once with bytes of a body unread, it would be reset, and the reset may
 * overtake the answer.
 */
const LINGER_MS = 500;

/**
 * Deals with the body of a request that is refused without it: read away where it is small; else left
 * unread, and the connection, or the stream of HTTP/2, closed after the answer.
 *
 * @returns whether the connection ends with the answer, which should say so
 */
export function leaveBody(request: IncomingMessage): boolean {
  request.on('error', () => undefined);
  if (isSmall(request)) {
    request.resume();
    return false;
  }
  if (request.httpVersionMajor > 1) {
    const { stream } = request as unknown as Http2ServerRequest;
    request.pause();
    // As RFC 9113 (8.1) has it, so that the sender stops, and has its answer.
    stream.once('finish', () => {
      stream.close(constants.NGHTTP2_NO_ERROR);
      // What is left is no more than a window, and would keep the stream.
      stream.resume();
    });
    return false;
  }
  // Marks the body as consumed, so that Node does not drain it after responding.
  request.read(0);
  request.pause();
  const { socket } = request;
  // What Node does after the last answer of a connection.
  socket.destroySoon = () => {
    socket.end();
    // Keeps the process alive, as a socket that nobody reads does not: closing the server waits for it.
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  };
  return true;
}

function isSmall({ headers, httpVersionMajor }: IncomingMessage): boolean {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length) <= READ_AWAY_LIMIT;
  // Without a length, HTTP/1 has no body unless it comes in chunks; HTTP/2 does not say.
  return httpVersionMajor === 1 && headers['transfer-encoding'] === undefined;
}
