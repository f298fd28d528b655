import { Redis } from 'ioredis';
import type { FreezingProxy } from '../../../../support/freezing-proxy.js';
import type { RedisServer } from '../../../../support/servers/redis.js';
import { now } from '../history.js';
import { network } from './network.js';
import { killed, nemesis, outage, type Nemesis } from './nemesis.js';

export async function onRedis<T>(port: number, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(port, { maxRetriesPerRequest: null });
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

export const redisNemeses = ({ server, port }: RedisServer, proxy: FreezingProxy): Nemesis[] => [
  ...network(proxy),
  killed('Redis killed', server),
  outage(
    'Redis stopped',
    () => server.pause(),
    () => server.resume(),
  ),
  outage(
    'Redis out of memory',
    () => onRedis(port, client => client.config('SET', 'maxmemory', '1')),
    () => onRedis(port, client => client.config('SET', 'maxmemory', '0')),
  ),
  nemesis('FLUSHALL', async scene => {
    const from = now();
    await onRedis(port, client => client.flushall());
    scene.faults.push({ kind: 'amnesia', since: -Infinity, from, to: now() });
  }),
];
