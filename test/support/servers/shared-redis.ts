import type { FoundServer } from './find-servers.js';
import { startRedisWith, type RedisServer } from './start-redis.js';

/** Test files share one server, and each has a database of its own there. */
export class SharedRedis {
  private started: Promise<RedisServer> | undefined;
  private databases = 0;

  constructor(private readonly find: () => Promise<FoundServer>) {}

  async database(): Promise<{ url: string }> {
    const { url, launcher } = await this.find();
    if (url) return { url };
    if (!launcher) throw new Error('No Redis can be started here');
    this.started ??= startRedisWith(launcher, { args: ['--databases', '1000'] });
    return { url: `${(await this.started).url}/${(this.databases += 1)}` };
  }

  async dispose(): Promise<void> {
    await (await this.started?.catch(() => undefined))?.server.dispose();
  }
}
