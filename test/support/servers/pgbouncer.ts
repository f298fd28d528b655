import { chownSync, writeFileSync } from 'node:fs';
import { describe } from 'vitest';
import { ask } from './ask.js';
import { dataFolder, freePort, ServerProcess } from './server-process.js';

const { launcher } = await ask('find pgbouncer');

export const describeWithPgBouncer = describe.skipIf(!launcher);

/** PgBouncer in transaction mode before a PostgreSQL on this machine; `server.dispose()` ends it. */
export async function startPgBouncer(
  postgresPort: number,
  settings: Record<string, string> = {},
): Promise<{ readonly url: string; readonly server: ServerProcess }> {
  if (!launcher) throw new Error('No PgBouncer can be started here');
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
    default_pool_size: '3',
    // After a fault it refuses for this long; its default is 15 s.
    server_login_retry: '1',
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const database = `host=127.0.0.1 port=${postgresPort}`;
  const config = `${folder}/pgbouncer.ini`;
  const text = `[databases]\n* = ${database}\n[pgbouncer]\n${lines.join('\n')}\n`;
  writeFileSync(config, text, { mode: 0o644 });
  if (launcher.user) chownSync(config, launcher.user.uid, launcher.user.gid);
  const server = new ServerProcess(
    launcher,
    { program: 'pgbouncer', args: [config], ready: /process up/, stopSignal: 'SIGINT' },
    folder,
  );
  await server.start();
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, server };
}
