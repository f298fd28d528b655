import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { probeHangUp } from '../../../lib/cli/send/why-no-answer.js';

const hasIpv6 = Object.values(networkInterfaces()).some(all =>
  all?.some(({ address }) => address === '::1'),
);

it.each(['127.0.0.1', ...(hasIpv6 ? ['[::1]'] : [])])(
  'finds out whether a receiver at %s is still there, which speaks plain HTTP',
  async host => {
    const server = createServer(socket => socket.once('data', () => socket.destroy()));
    server.listen(0, host.replace(/[[\]]/g, ''));
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const protocol of ['http', 'https']) {
      const url = new URL(`${protocol}://${host}:${port}/hook`);
      expect(await probeHangUp(url)).toBe('still there');
    }
    server.close();
    await once(server, 'close');
    expect(await probeHangUp(new URL(`http://${host}:${port}/hook`))).toBe('gone');
  },
);
