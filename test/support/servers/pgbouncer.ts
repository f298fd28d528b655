import { chownSync, writeFileSync } from 'node:fs';
import { describe } from 'vitest';
import {
  findPrograms,
  installPackage,
  unprivilegedUser,
  works,
  type Launcher,
} from './launcher.js';
import { dataFolder, freePort, ServerProcess } from './server-process.js';

function find(): Launcher | undefined {
  const user = unprivilegedUser();
  const programs = findPrograms(['pgbouncer'], ['/usr/sbin']);
  return works(programs, user) ? { kind: 'binary', programs: programs!, user } : undefined;
}

function findOrInstall(): Launcher | undefined {
  const found = find();
  if (found) return found;
  installPackage('pgbouncer');
  return find();
}

const launcher = findOrInstall();
if (!launcher && process.env.CI) throw new Error('PgBouncer is needed; install pgbouncer.');

export const describeWithPgBouncer = describe.skipIf(!launcher);

/** PgBouncer in transaction mode before a PostgreSQL on this machine; `server.dispose()` ends it. */
export async function startPgBouncer(
  postgresPort: number,
): Promise<{ url: string; server: ServerProcess }> {
  if (!launcher) throw new Error('No PgBouncer can be started here');
  const folder = dataFolder(launcher, 'pgbouncer');
  const port = await freePort();
  const config = `${folder}/pgbouncer.ini`;
  writeFileSync(
    config,
    `[databases]
postgres = host=127.0.0.1 port=${postgresPort} dbname=postgres user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_login_retry = 1
`,
  );
  if (launcher.user) chownSync(config, launcher.user.uid, launcher.user.gid);
  const server = new ServerProcess(
    launcher,
    { program: 'pgbouncer', args: [config], ready: /process up/, stopSignal: 'SIGINT' },
    folder,
  );
  await server.start();
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, server };
}
