import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { RedisCluster } from '../../../../support/servers/redis-cluster.js';
import type { RedisServer } from '../../../../support/servers/redis.js';
import type { Random } from '../../../fuzz/random.js';
import { now } from '../history.js';
import { nemesis, type Nemesis } from './nemesis.js';
import { onRedis } from './redis.js';
import { failOver, inStep } from './sentinel.js';

/** Slots that one nemesis moves. */
const MOVES = 200;

const isPrimary = ({ port }: RedisServer): Promise<boolean> =>
  onRedis(port, async client => /role:master/.test(await client.info('replication')));

const untilPrimary = async (node: RedisServer): Promise<void> => {
  while (!(await isPrimary(node))) await delay(50);
};

/** The two nodes that have the same slots: the one that is the primary now, and its replica. */
async function pair({ nodes }: RedisCluster): Promise<[RedisServer, RedisServer]> {
  const both = [nodes[0]!, nodes.at(-1)!] as const;
  await inStep(both);
  return (await isPrimary(both[0])) ? [both[0], both[1]] : [both[1], both[0]];
}

/** Moves a slot with all its keys, as redis-cli does, while clients go on using it. */
async function move(slot: number, [from, to, ...others]: Member[]): Promise<void> {
  await to!.client.cluster('SETSLOT', slot, 'IMPORTING', from!.id);
  await from!.client.cluster('SETSLOT', slot, 'MIGRATING', to!.id);
  for (;;) {
    const keys = await from!.client.cluster('GETKEYSINSLOT', slot, 10);
    if (keys.length === 0) break;
    const address = ['127.0.0.1', String(to!.client.options.port), '', '0', '5000'];
    await from!.client.call('MIGRATE', ...address, 'KEYS', ...keys);
  }
  await to!.client.cluster('SETSLOT', slot, 'NODE', to!.id);
  await from!.client.cluster('SETSLOT', slot, 'NODE', to!.id);
  for (const { client } of others) {
    // A replica hears of it from its primary.
    await client.cluster('SETSLOT', slot, 'NODE', to!.id).catch(() => undefined);
  }
}

interface Member {
  readonly id: string;
  readonly client: Redis;
}

/** From one of the two nodes that have no replica to the other one. */
async function reshard({ nodes }: RedisCluster, random: Random): Promise<void> {
  const clients = nodes.map(({ port }) => new Redis(port));
  try {
    const ids = await Promise.all(clients.map(client => client.cluster('MYID')));
    const members = clients.map((client, index) => ({ client, id: String(ids[index]) }));
    const [first, one, other, last] = members as [Member, Member, Member, Member];
    const [from, to] = random.chance(0.5) ? [one, other] : [other, one];
    const slots = (await from.client.cluster('SLOTS'))
      .filter(([, , owner]) => String(owner?.[2]) === from.id)
      .flatMap(([start, end]) => Array.from({ length: end - start + 1 }, (_, i) => start + i));
    // A stretch of them, so that the map of slots stays small.
    const offset = random.int(0, Math.max(0, slots.length - MOVES));
    for (const slot of slots.slice(offset, offset + MOVES)) {
      await move(slot, [from, to, first, last]);
    }
  } finally {
    for (const client of clients) client.disconnect();
  }
}

export const clusterNemeses = (cluster: RedisCluster): Nemesis[] => [
  // The primary waits until its replica has everything: nothing may be lost.
  nemesis('Cluster failover', async scene => {
    const [, replica] = await pair(cluster);
    const from = now();
    await onRedis(replica.port, client => client.cluster('FAILOVER'));
    await untilPrimary(replica);
    scene.faults.push({ kind: 'outage', from, to: now() });
  }),
  nemesis('Cluster failover by a crash', async scene => {
    const [primary, replica] = await pair(cluster);
    await failOver(scene, async () => {
      await primary.server.kill();
      await untilPrimary(replica);
      await primary.server.start();
    });
  }),
  nemesis('Cluster resharding', async (scene, random) => {
    const from = now();
    await reshard(cluster, random);
    scene.faults.push({ kind: 'outage', from, to: now() });
  }),
];
