// Answers without looking: what the load generator can reach at most.
import { Buffer } from 'node:buffer';
import { createServer } from 'node:net';
import { serve } from './support/serve.mjs';

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');

const server = createServer({ noDelay: true }, socket => {
  let left = 0;
  socket.on('error', () => undefined);
  socket.on('data', chunk => {
    if (left === 0) {
      const headEnd = chunk.indexOf('\r\n\r\n') + 4;
      const length = /content-length: (\d+)/i.exec(chunk.latin1Slice(0, headEnd))?.[1];
      left = headEnd + Number(length);
    }
    left -= chunk.length;
    if (left === 0) socket.write(ANSWER);
  });
});
serve(server);
