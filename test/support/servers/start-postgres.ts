import { chownSync, cpSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
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
  /** What `initPostgres()` made; without it the server makes its own. */
  template?: string;
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

/** A folder of data for servers to start from. */
export async function initPostgres(launcher: Launcher): Promise<string> {
  const folder = dataFolder(launcher, 'postgres');
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  await runProgram(launcher, 'initdb', [...init, '--locale=C', '--wal-segsize=1'], folder);
  return data;
}

/** A PostgreSQL of the caller's own; `server.dispose()` ends it. */
export async function startPostgresWith(
  launcher: Launcher,
  options: PostgresStart = {},
): Promise<PostgresServer> {
  const data = options.template
    ? copyData(launcher, options.template)
    : await initPostgres(launcher);
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
    dirname(data),
  );
  await server.start();
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, port, server };
}

function copyData(launcher: Launcher, template: string): string {
  const data = join(dataFolder(launcher, 'postgres'), 'data');
  cpSync(template, data, { recursive: true });
  const { user } = launcher;
  if (user) {
    const names = readdirSync(data, { recursive: true, encoding: 'utf8' });
    for (const name of ['', ...names]) chownSync(join(data, name), user.uid, user.gid);
  }
  return data;
}
