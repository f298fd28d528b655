import { existsSync, writeFileSync } from 'node:fs';
import { inject } from 'vitest';
import {
  dataFolder,
  freePort,
  ServerProcess,
  type ServerSpec,
} from '../../support/servers/server-process.js';

const PROGRAM = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(path => existsSync(path));
const launcher = inject('postgres').launcher;

export const hasPgBouncer = PROGRAM !== undefined && launcher?.kind === 'binary';

/** A PgBouncer before a PostgreSQL; `server.dispose()` ends it. */
export async function startPgBouncer(
  postgresPort: number,
  settings: Record<string, string> = {},
): Promise<{ readonly url: string; readonly server: ServerProcess }> {
  if (PROGRAM === undefined || launcher?.kind !== 'binary') throw new Error('No PgBouncer here');
  const folder = dataFolder(launcher, 'pgbouncer');
  const port = await freePort();
  const users = `${folder}/users`;
  writeFileSync(users, '"postgres" ""\n', { mode: 0o644 });
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: users,
    pool_mode: 'transaction',
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const databases = `[databases]\n* = host=127.0.0.1 port=${postgresPort}\n`;
  const config = `${folder}/pgbouncer.ini`;
  writeFileSync(config, `${databases}[pgbouncer]\n${lines.join('\n')}\n`, { mode: 0o644 });
  const spec: ServerSpec = {
    program: 'pgbouncer',
    args: [config],
    ready: /process up/,
    stopSignal: 'SIGINT',
  };
  const own = { ...launcher, programs: { pgbouncer: PROGRAM } };
  const server = new ServerProcess(own, spec, folder);
  await server.start();
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, server };
}
