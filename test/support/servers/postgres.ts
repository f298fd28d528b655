import { afterAll, beforeAll, describe, inject } from 'vitest';
import { dataFolder, freePort, runProgram, ServerProcess } from './server-process.js';

const found = inject('postgres');

/** Whether `usePostgres()` works here. */
export const hasPostgres = found.url !== undefined || found.launcher !== undefined;
/** Whether `startPostgres()` works here. */
export const canStartPostgres = found.launcher !== undefined;

export const describeWithPostgres = describe.skipIf(!hasPostgres);
export const describeWithOwnPostgres = describe.skipIf(!canStartPostgres);

export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  readonly server: ServerProcess;
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

/**
 * A PostgreSQL of the caller's own, for tests that stop, slow down or configure it;
 * `server.dispose()` ends it.
 */
export async function startPostgres(
  options: {
    port?: number;
    /** As in postgresql.conf. */
    settings?: Record<string, string>;
  } = {},
): Promise<PostgresServer> {
  const { launcher } = found;
  if (!launcher) throw new Error('No PostgreSQL can be started here');
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

/** A PostgreSQL for the tests of the file or `describe` block that calls it; its `url` is known once they run. */
export function usePostgres(): { readonly url: string } {
  const postgres = { url: '' };
  let own: PostgresServer | undefined;
  beforeAll(async () => {
    if (!found.url) own = await startPostgres();
    postgres.url = own?.url ?? found.url!;
  }, 60_000);
  afterAll(() => own?.server.dispose());
  return postgres;
}
