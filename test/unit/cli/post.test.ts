import { createServer, type AddressInfo, type Socket } from 'node:net';
import { signDelivery } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Poster } from '../../../lib/cli/send/post.js';
import { SECRET } from '../../support/app.js';

/** A receiver without HTTP of its own: what it does with the requests of a connection, by their number from 1. */
async function startReceiver(react: (socket: Socket, request: number) => void) {
  const seen: string[] = [];
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    const connection = (connections += 1);
    let requests = 0;
    sockets.add(socket.on('error', () => undefined));
    socket.on('data', data => {
      if (!String(data).startsWith('POST')) return;
      requests += 1;
      seen.push(`${connection}.${requests}`);
      react(socket, requests);
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const poster = new Poster(new URL(`http://127.0.0.1:${port}/hook`), 1, 60_000);
  onTestFinished(() => {
    poster.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const body = Buffer.from('{}');
  const post = (signal = new AbortController().signal) =>
    poster.post(signDelivery({ secret: SECRET, body }), signal);
  return { post, seen };
}
const accept = (socket: Socket) =>
  socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}');

describe('Poster', () => {
  it('uses a connection again, and another where the receiver closes it in that moment', async () => {
    const { post, seen } = await startReceiver((socket, request) => {
      if (request < 3) accept(socket);
      else socket.resetAndDestroy();
    });
    for (let n = 0; n < 3; n += 1) {
      expect(await post()).toEqual({ status: 202, body: Buffer.from('{}') });
    }
    expect(seen).toEqual(['1.1', '1.2', '1.3', '2.1']);
  });

  it('sends nothing twice over a connection that is new', async () => {
    const { post, seen } = await startReceiver(socket => socket.resetAndDestroy());
    await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(seen).toEqual(['1.1']);
  });

  it('ends when it is interrupted', async () => {
    const interrupt = new AbortController();
    const { post, seen } = await startReceiver(() => interrupt.abort());
    await expect(post(interrupt.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual(['1.1']);
  });
});
