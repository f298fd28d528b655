import { beforeAll, describe } from 'vitest';
import { ask } from './ask.js';
import { startRedisWith, type RedisServer, type RedisStart } from './start-redis.js';

export type { RedisServer };

const found = await ask('find redis');

/** For servers of a test's own; undefined where none can be started. */
export const redisLauncher = found.launcher;

/** Whether `useRedis()` works here. */
export const hasRedis = found.url !== undefined || found.launcher !== undefined;
/** Whether `startRedis()` works here. */
export const canStartRedis = found.launcher !== undefined;

export const describeWithRedis = describe.skipIf(!hasRedis);
export const describeWithOwnRedis = describe.skipIf(!canStartRedis);

/** A Redis of the caller's own, for tests that stop, slow down or configure it; `server.dispose()` ends it. */
export async function startRedis(options?: RedisStart): Promise<RedisServer> {
  if (!redisLauncher) throw new Error('No Redis can be started here');
  return startRedisWith(redisLauncher, options);
}

/**
 * A database for the tests of the file or `describe` block that calls it, on a server that others use too;
 * its `url` is known once they run.
 */
export function useRedis(): { readonly url: string } {
  const redis = { url: '' };
  beforeAll(async () => {
    redis.url = (await ask('share redis')).url;
  });
  return redis;
}
