import type { IncomingMessage } from 'node:http';

type Listener = (this: IncomingMessage, chunk?: Buffer) => void;

/**
 * Gives the bytes to each listener for `data` that is added from now on, and calls those for `end`. Without it,
 * middleware that reads bodies itself would wait forever for one that was read before.
 */
export function replayBody(request: IncomingMessage, body: Buffer): void {
  request.on('newListener', (event: string | symbol, listener: Listener) => {
    // At once: a pipe from a stream that has ended closes in the next tick.
    if (event === 'data' && body.length > 0) listener.call(request, body);
    if (event === 'end') process.nextTick(() => listener.call(request));
  });
}
