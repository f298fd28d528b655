import type { Redis } from 'ioredis';
import { JointWrites } from '../redis/joint-writes.js';
import type { EventQueueClient } from './bull-connector.js';
import { bullmq } from './supported-bullmq.js';

/** Writes to Redis together what is added to a queue in one turn of the event loop. */
export class QueueWrites {
  readonly isOnRedis: boolean;
  private readonly writes = new JointWrites();
  private client: Redis | undefined;

  constructor(queue: EventQueueClient) {
    const { backend } = queue as { backend: unknown };
    const redis = backend instanceof bullmq.RedisQueueBackend ? backend : undefined;
    this.isOnRedis = redis !== undefined;
    redis?.client.then(
      // BullMQ's own type has the commands that it uses, and no more.
      client => (this.client = client as unknown as Redis),
      // What goes wrong is told by whoever adds.
      () => undefined,
    );
  }

  /** To be called before something is added. */
  hold(): void {
    if (this.client) this.writes.hold(this.client);
  }
}
