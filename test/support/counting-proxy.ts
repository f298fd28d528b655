import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface CountingProxy {
  readonly port: number;
  /** How often a client has asked something after it was answered: the round trips it has waited for. */
  roundTrips: number;
  close(): Promise<void>;
}

/** Stands between one client and its server, and counts. */
export async function startCountingProxy(target: number): Promise<CountingProxy> {
  const sockets = new Set<Socket>();
  let isAnswered = true;
  const server = createServer(client => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.on('data', chunk => {
      if (isAnswered) proxy.roundTrips += 1;
      isAnswered = false;
      upstream.write(chunk);
    });
    upstream.on('data', chunk => {
      isAnswered = true;
      client.write(chunk);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: CountingProxy = {
    port: (server.address() as AddressInfo).port,
    roundTrips: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
