import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export type Direction = 'requests' | 'replies';

export interface FreezingProxy {
  readonly port: number;
  /** Called with what a client sends, before it is passed on. */
  onRequest: ((bytes: Buffer) => void) | undefined;
  /**
   * Passes nothing on, as if the server stood still; connections stay open, new ones are taken. With a direction,
   * the other one still passes.
   */
  readonly freeze: (only?: Direction) => void;
  readonly thaw: () => void;
  /** Passes on what comes over new connections; those from before stay as they are, for good. */
  readonly thawNew: () => void;
  /** Lets new connections pass again; those that are open stay frozen for ever. */
  readonly abandon: () => void;
  /** Ends what was abandoned, as the keep-alive of both sides does in the end. */
  readonly bury: () => void;
  readonly close: () => void;
}

/** Stands between clients and a server on this machine, whose port may change for new connections. */
export async function startFreezingProxy(
  serverPort: number | (() => number),
): Promise<FreezingProxy> {
  /** With what comes in there. */
  const sockets = new Map<Socket, Direction>();
  const abandoned: Socket[] = [];
  let frozen: readonly Direction[] = [];
  const pauseFrozen = () => {
    for (const [socket, direction] of sockets) if (frozen.includes(direction)) socket.pause();
  };
  const add = (socket: Socket, other: Socket, direction: Direction) => {
    sockets.set(socket, direction);
    socket.on('error', () => undefined);
    socket.on('data', chunk => {
      if (direction === 'requests') proxy.onRequest?.(chunk);
      other.write(chunk);
    });
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
    if (frozen.includes(direction)) socket.pause();
  };
  const server = createServer(client => {
    const port = typeof serverPort === 'number' ? serverPort : serverPort();
    const upstream = connect(port, '127.0.0.1');
    add(client, upstream, 'requests');
    add(upstream, client, 'replies');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: FreezingProxy = {
    onRequest: undefined,
    port: (server.address() as AddressInfo).port,
    freeze: only => {
      frozen = only ? [only] : ['requests', 'replies'];
      pauseFrozen();
    },
    thaw: () => {
      frozen = [];
      for (const socket of sockets.keys()) socket.resume();
    },
    thawNew: () => {
      frozen = [];
    },
    abandon: () => {
      frozen = [];
      for (const socket of sockets.keys()) socket.pause();
      abandoned.push(...sockets.keys());
      sockets.clear();
    },
    bury: () => {
      for (const socket of abandoned.splice(0)) socket.destroy();
    },
    close: () => {
      server.close();
      for (const socket of [...sockets.keys(), ...abandoned]) socket.destroy();
    },
  };
  return proxy;
}
