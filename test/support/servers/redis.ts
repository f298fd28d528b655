import { afterAll, beforeAll, describe, inject } from 'vitest';
import { dataFolder, freePort, ServerProcess } from './server-process.js';

const found = inject('redis');

/** Whether `useRedis()` works here. */
export const hasRedis = found.url !== undefined || found.launcher !== undefined;
/** Whether `startRedis()` works here. */
export const canStartRedis = found.launcher !== undefined;

export const describeWithRedis = describe.skipIf(!hasRedis);
export const describeWithOwnRedis = describe.skipIf(!canStartRedis);

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  readonly server: ServerProcess;
}

/** A Redis of the caller's own, for tests that stop, slow down or configure it; `server.dispose()` ends it. */
export async function startRedis(
  options: {
    port?: number;
    /** As on the command line of redis-server. */
    args?: readonly string[];
  } = {},
): Promise<RedisServer> {
  const { launcher } = found;
  if (!launcher) throw new Error('No Redis can be started here');
  const folder = dataFolder(launcher, 'redis');
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

/** A Redis for the tests of the file or `describe` block that calls it; its `url` is known once they run. */
export function useRedis(): { readonly url: string } {
  const redis = { url: '' };
  let own: RedisServer | undefined;
  beforeAll(async () => {
    if (!found.url) own = await startRedis();
    redis.url = own?.url ?? found.url!;
  });
  afterAll(() => own?.server.dispose());
  return redis;
}
