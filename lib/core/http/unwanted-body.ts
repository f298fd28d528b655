import type { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest } from 'node:http2';

/** A body known to be no larger is read and discarded, so that its connection stays open. In bytes. */
const DISCARD_LIMIT = 64 * 1024;

/**
 * How long a connection stays half open after the answer, in milliseconds. A connection that is closed with unread
 * bytes is reset, and the reset may overtake the answer.
 */
const LINGER_MS = 500;

/**
 * Handles the body of a request that is rejected unread. A small body is read and discarded. A large one stays
 * unread, and the connection, or the stream of HTTP/2, closes after the answer.
 *
 * @returns whether the connection closes with the answer, which should say so
 */
export function leaveBody(request: IncomingMessage): boolean {
  if (isSmall(request)) {
    request.resume();
    return false;
  }
  if (request.httpVersionMajor > 1) {
    const { stream } = request as unknown as Http2ServerRequest;
    request.pause();
    // RFC 9113, 8.1: the sender stops sending and gets its answer.
    stream.once('finish', () => {
      stream.close(constants.NGHTTP2_NO_ERROR);
      // At most one window is left. Unread, it would keep the stream open.
      stream.resume();
    });
    return false;
  }
  // Marks the body as consumed, so that Node does not drain it after responding.
  request.read(0);
  request.pause();
  const { socket } = request;
  // Node calls this after the last answer of a connection.
  socket.destroySoon = () => {
    socket.end();
    // Not unref'd: an unread socket does not keep the process alive, but closing the server waits for it.
    setTimeout(() => socket.destroy(), LINGER_MS);
  };
  return true;
}

function isSmall({ headers, httpVersionMajor }: IncomingMessage): boolean {
  const length = headers['content-length'];
  if (length !== undefined) return Number(length) <= DISCARD_LIMIT;
  // Without a length, an HTTP/1 request has no body unless it is chunked. In HTTP/2 this is unknown.
  return httpVersionMajor === 1 && headers['transfer-encoding'] === undefined;
}
