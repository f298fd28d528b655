import type { Launcher } from './launcher.js';
import { dataFolder, freePort, runProgram, ServerProcess } from './server-process.js';

export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  readonly server: ServerProcess;
}

export interface PostgresStart {
  port?: number;
  /** As in postgresql.conf. */
  settings?: Record<string, string>;
}

/** Nothing here outlives the machine, so nothing waits for its disk. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  log_min_messages: 'warning',
};

/** A PostgreSQL of the caller's own; `server.dispose()` ends it. */
export async function startPostgresWith(
  launcher: Launcher,
  options: PostgresStart = {},
): Promise<PostgresServer> {
  const folder = dataFolder(launcher, 'postgres');
  const data = `${folder}/data`;
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  runProgram(launcher, 'initdb', [...init, '--locale=C'], folder);
  const port = options.port ?? (await freePort());
  const settings = Object.entries({ ...SETTINGS, ...options.settings });
  const server = new ServerProcess(
    launcher,
    {
      program: 'postgres',
      args: ['-D', data, '-p', String(port), ...settings.flatMap(([k, v]) => ['-c', `${k}=${v}`])],
      ready: /ready to accept connections/,
      // Ends connections rather than wait for them.
      stopSignal: 'SIGINT',
    },
    folder,
  );
  await server.start();
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, port, server };
}
