import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import type { Launcher } from './launcher.js';
import { dataFolder, freePort, runProgram, ServerProcess } from './server-process.js';

export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  /** Its folder of data. */
  readonly data: string;
  readonly server: ServerProcess;
}

export interface PostgresStart {
  port?: number;
  /** As in postgresql.conf. */
  settings?: Record<string, string>;
  /** What `initPostgres()` made; without it the server makes its own. */
  template?: string;
  /** Where its folder is made; that of the system for temporary files if none is given. */
  parent?: string;
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
    ? copyData(launcher, options.template, options.parent)
    : await initPostgres(launcher);
  return startOn(launcher, data, options);
}

/** Copies a primary as it runs, and starts the copy, which follows the primary until it is promoted. */
export async function startStandbyWith(
  launcher: Launcher,
  primary: PostgresServer,
  options: PostgresStart = {},
): Promise<PostgresServer> {
  const data = join(dataFolder(launcher, 'postgres', options.parent), 'data');
  const client = new pg.Client(primary.url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query("SELECT pg_backup_start('standby', true)");
    // Files come and go meanwhile; what counts is in the log of changes.
    spawnSync('cp', ['-a', primary.data, data]);
    const { rows } = await client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(false)',
    );
    rmSync(join(data, 'postmaster.pid'), { force: true });
    writeFileSync(join(data, 'backup_label'), rows[0]!.labelfile);
    writeFileSync(join(data, 'standby.signal'), '');
  } finally {
    await client.end();
  }
  giveTo(launcher, data);
  const source = `host=127.0.0.1 port=${primary.port} user=postgres`;
  const settings = { ...options.settings, primary_conninfo: source };
  return startOn(launcher, data, { ...options, settings });
}

async function startOn(
  launcher: Launcher,
  data: string,
  options: PostgresStart,
): Promise<PostgresServer> {
  const port = options.port ?? (await freePort());
  const settings = Object.entries({ ...SETTINGS, ...options.settings });
  const server = new ServerProcess(
    launcher,
    {
      program: 'postgres',
      args: ['-D', data, '-p', String(port), ...settings.flatMap(([k, v]) => ['-c', `${k}=${v}`])],
      ready: /ready to accept (read-only )?connections/,
      // Ends connections rather than wait for them.
      stopSignal: 'SIGINT',
    },
    dirname(data),
  );
  await server.start();
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, port, data, server };
}

function copyData(launcher: Launcher, template: string, parent?: string): string {
  const data = join(dataFolder(launcher, 'postgres', parent), 'data');
  cpSync(template, data, { recursive: true });
  giveTo(launcher, data);
  return data;
}

/** To the user that the server runs as. */
function giveTo({ user }: Launcher, data: string): void {
  if (!user) return;
  const names = readdirSync(data, { recursive: true, encoding: 'utf8' });
  for (const name of ['', ...names]) chownSync(join(data, name), user.uid, user.gid);
}
