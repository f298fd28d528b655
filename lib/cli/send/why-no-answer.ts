import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const PATIENCE_MS = 2000;

/** The state of a receiver that closed a connection without an answer. */
export type HangUp = 'gone' | 'speaks tls' | 'still there';

/** Connects again to a receiver that closed the connection: a reset alone doesn't tell a crash from TLS. */
export async function probeHangUp({ hostname, port, protocol }: URL): Promise<HangUp> {
  const isTls = protocol === 'https:';
  const address = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (isTls ? 443 : 80)),
  };
  const plain = await reaches(() => connectTcp(address), 'connect');
  if (!plain) return 'gone';
  if (isTls) return 'still there';
  // Only the handshake is sent, so any certificate will do.
  const options = { ...address, rejectUnauthorized: false };
  return (await reaches(() => connectTls(options), 'secureConnect')) ? 'speaks tls' : 'still there';
}

function reaches(open: () => Socket, event: 'connect' | 'secureConnect'): Promise<boolean> {
  return new Promise(resolve => {
    const socket = open();
    const end = (reached: boolean) => {
      resolve(reached);
      socket.destroy();
    };
    socket.setTimeout(PATIENCE_MS, () => end(false));
    socket.on('error', () => end(false));
    socket.once('close', () => end(false));
    socket.once(event, () => end(true));
  });
}
