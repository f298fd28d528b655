import { afterAll, beforeAll, describe, inject } from 'vitest';
import { startRedisWith, type RedisServer, type RedisStart } from './start-redis.js';

export type { RedisServer };

const found = inject('redis');

/** Whether `useRedis()` works here. */
export const hasRedis = found.url !== undefined || found.launcher !== undefined;
/** Whether `startRedis()` works here. */
export const canStartRedis = found.launcher !== undefined;

export const describeWithRedis = describe.skipIf(!hasRedis);
export const describeWithOwnRedis = describe.skipIf(!canStartRedis);

/** A Redis of the caller's own, for tests that stop, slow down or configure it; `server.dispose()` ends it. */
export async function startRedis(options?: RedisStart): Promise<RedisServer> {
  if (!found.launcher) throw new Error('No Redis can be started here');
  return startRedisWith(found.launcher, options);
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
