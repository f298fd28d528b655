import { setTimeout as delay } from 'node:timers/promises';
import type { RedisSentinel } from '../../../../support/servers/redis-sentinel.js';
import type { RedisServer } from '../../../../support/servers/redis.js';
import { now } from '../history.js';
import type { Scene } from '../scene.js';
import { nemesis, type Nemesis } from './nemesis.js';
import { onRedis } from './redis.js';

/**
 * Replication is asynchronous: what was written in the last moment may not be there any more, nor what the old
 * primary took after the new one was promoted and before clients heard of it.
 */
export const REPLICATION_MS = 1_500;

/** Waits until a replica follows its primary: it takes a while after a failover. */
export async function inStep(nodes: readonly RedisServer[]): Promise<void> {
  const link = async ({ port }: RedisServer): Promise<boolean> =>
    /master_link_status:up/.test(await onRedis(port, client => client.info('replication')));
  while (!(await Promise.all(nodes.map(link))).includes(true)) await delay(100);
}

/** A failover that may lose what was written last. */
export async function failOver(scene: Scene, work: () => Promise<void>): Promise<void> {
  const from = now();
  await work();
  const to = now() + REPLICATION_MS;
  scene.faults.push({ kind: 'outage', from, to });
  scene.faults.push({ kind: 'amnesia', since: from - REPLICATION_MS, from, to });
}

export const sentinelNemeses = (sentinel: RedisSentinel): Nemesis[] => [
  nemesis('Sentinel failover', async scene => {
    await inStep(sentinel.nodes);
    await failOver(scene, () => sentinel.failOver());
  }),
  nemesis('Sentinel failover by a crash', async scene => {
    await inStep(sentinel.nodes);
    await failOver(scene, async () => {
      const old = await sentinel.crash();
      // It comes back as a primary without data, until the Sentinel makes a replica of it.
      await old.server.start();
    });
  }),
];
