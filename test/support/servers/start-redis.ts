import type { Launcher } from './launcher.js';
import { dataFolder, freePort, ServerProcess } from './server-process.js';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly server: ServerProcess;
}

export interface RedisStart {
  port?: number;
  /** As on the command line of redis-server. */
  args?: readonly string[];
  /** Where its folder is made; that of the system for temporary files if none is given. */
  parent?: string;
}

/** A Redis of the caller's own; `server.dispose()` ends it. */
export async function startRedisWith(
  launcher: Launcher,
  options: RedisStart = {},
): Promise<RedisServer> {
  const folder = dataFolder(launcher, 'redis', options.parent);
  const port = options.port ?? (await freePort());
  const network = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder];
  const server = new ServerProcess(
    launcher,
    {
      program: launcher.kind === 'container' ? 'redis-server' : 'server',
      args: [...network, '--save', '', ...(options.args ?? [])],
      ready: /ready to accept connections/i,
      stopSignal: 'SIGTERM',
    },
    folder,
  );
  await server.start();
  return { url: `redis://127.0.0.1:${port}`, port, server };
}
