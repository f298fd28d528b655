import { Redis } from 'ioredis';
import { freePort } from './server-process.js';
import { startRedis, type RedisServer } from './redis.js';

const SLOTS = 16_384;
/** Nodes talk to each other on their port and this. */
const BUS_OFFSET = 10_000;

export interface RedisCluster {
  readonly ports: readonly number[];
  readonly nodes: readonly RedisServer[];
  dispose(): Promise<void>;
}

/** A cluster of primaries, ready for use. The first one has a replica if wanted, which is the last of the nodes. */
export async function startRedisCluster(
  size = 3,
  { replica = false, nodeTimeout = 5_000 } = {},
): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(nodes.map(({ server }) => server.dispose()));
  };
  try {
    for (let index = 0; index < size + Number(replica); index += 1) {
      const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(nodeTimeout)];
      nodes.push(await startRedis({ port: await freeClusterPort(), args }));
    }
    await join(nodes, size);
  } catch (error) {
    await dispose();
    throw error;
  }
  return { nodes, ports: nodes.map(({ port }) => port), dispose };
}

async function freeClusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + BUS_OFFSET < 65_536) return port;
  }
}

async function join(nodes: readonly RedisServer[], size: number): Promise<void> {
  const clients = nodes.map(({ url }) => new Redis(url));
  try {
    const share = Math.ceil(SLOTS / size);
    for (const [index, client] of clients.entries()) {
      const length = Math.min(share, SLOTS - index * share);
      const slots = Array.from({ length }, (_, slot) => index * share + slot);
      if (index < size) await client.call('CLUSTER', 'ADDSLOTS', ...slots);
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    }
    for (const { port } of nodes.slice(1)) {
      await clients[0]!.call('CLUSTER', 'MEET', '127.0.0.1', port);
    }
    for (const client of clients) {
      while (!(await isWhole(client, nodes.length))) {
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    }
    const primary = await clients[0]!.call('CLUSTER', 'MYID');
    for (const client of clients.slice(size)) {
      await client.call('CLUSTER', 'REPLICATE', primary as string);
    }
  } finally {
    for (const client of clients) client.disconnect();
  }
}

async function isWhole(client: Redis, size: number): Promise<boolean> {
  const info = (await client.call('CLUSTER', 'INFO')) as string;
  return (
    info.includes('cluster_state:ok') &&
    info.includes(`cluster_known_nodes:${size}`) &&
    info.includes(`cluster_slots_ok:${SLOTS}`)
  );
}
