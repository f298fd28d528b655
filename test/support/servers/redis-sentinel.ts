import { chownSync, writeFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { redisLauncher as launcher, startRedis, type RedisServer } from './redis.js';
import { dataFolder, freePort, ServerProcess } from './server-process.js';

export const SENTINEL_NAME = 'primary';

export interface RedisSentinel {
  readonly port: number;
  readonly nodes: readonly RedisServer[];
  /** A planned failover: resolves once another node is the primary. */
  failOver(): Promise<void>;
  /** Kills the primary, and resolves with it once another node has taken its place. */
  crash(): Promise<RedisServer>;
  dispose(): Promise<void>;
}

/** A primary with a replica, watched by one Sentinel, which replaces it if it is down for so many milliseconds. */
export async function startRedisSentinel(downAfter = 5_000): Promise<RedisSentinel> {
  if (!launcher) throw new Error('No Redis can be started here');
  const primary = await startRedis();
  const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(primary.port)] });
  const nodes = [primary, replica];
  const folder = dataFolder(launcher, 'sentinel');
  const port = await freePort();
  const config = `${folder}/sentinel.conf`;
  writeFileSync(
    config,
    `bind 127.0.0.1
port ${port}
dir ${folder}
sentinel monitor ${SENTINEL_NAME} 127.0.0.1 ${primary.port} 1
sentinel down-after-milliseconds ${SENTINEL_NAME} ${downAfter}
sentinel failover-timeout ${SENTINEL_NAME} 20000
`,
  );
  // The Sentinel writes what it finds out into the file.
  if (launcher.user) chownSync(config, launcher.user.uid, launcher.user.gid);
  const program = launcher.kind === 'container' ? 'redis-server' : 'server';
  const args = [config, '--sentinel'];
  const ready = /\+monitor master/;
  const server = new ServerProcess(
    launcher,
    { program, args, ready, stopSignal: 'SIGTERM' },
    folder,
  );
  await server.start();
  const sentinel = new Redis(port, { maxRetriesPerRequest: null });
  const poll = async (isDone: () => Promise<boolean>): Promise<void> => {
    while (!(await isDone())) await new Promise(resolve => setTimeout(resolve, 50));
  };
  const primaryPort = async (): Promise<string> =>
    ((await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', SENTINEL_NAME)) as string[])[1]!;
  const replicas = async (): Promise<string> =>
    JSON.stringify(await sentinel.call('SENTINEL', 'REPLICAS', SENTINEL_NAME));
  // Until it has seen the replica in a state that it can promote.
  await poll(async () => /"master-link-status","ok"/.test(await replicas()));
  return {
    port,
    nodes,
    async failOver() {
      const before = await primaryPort();
      await poll(async () => {
        const answer = sentinel.call('SENTINEL', 'FAILOVER', SENTINEL_NAME);
        return answer.then(
          () => true,
          () => false,
        );
      });
      await poll(async () => (await primaryPort()) !== before);
    },
    async crash() {
      const before = await primaryPort();
      const primary = nodes.find(node => String(node.port) === before)!;
      await primary.server.kill();
      await poll(async () => (await primaryPort()) !== before);
      return primary;
    },
    async dispose() {
      sentinel.disconnect();
      await Promise.all([server, ...nodes.map(node => node.server)].map(each => each.dispose()));
    },
  };
}
