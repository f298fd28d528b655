import type { IncomingMessage } from 'node:http';

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
 * unread, and the connection closed after the answer.
 *
 * To be called before any of the body is waiting to be read.
 *
 * @returns whether the connection ends with the answer, which should say so
 */
export function leaveBody(request: IncomingMessage): boolean {
  request.on('error', () => undefined);
  // Streams of HTTP/2 share a connection, which goes on in any case.
  if (isSmall(request) || request.httpVersionMajor > 1) {
    request.resume();
    return false;
  }
  // Told that somebody reads, Node does not read the body away itself after the answer.
  request.read(0);
  request.pause();
  const { socket } = request;
  // What Node does after the last answer of a connection.
  socket.destroySoon = () => {
    socket.end();
    socket.setTimeout(LINGER_MS, () => socket.destroy());
  };
  return true;
}

function isSmall({ headers }: IncomingMessage): boolean {
  if (headers['transfer-encoding'] !== undefined) return false;
  return Number(headers['content-length'] ?? 0) <= READ_AWAY_LIMIT;
}
