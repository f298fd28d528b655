import { RedisQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { JointWrites } from '../redis/joint-writes.js';
import type { EventQueueClient } from './bull-connector.js';

/** Sends to Redis in one write what is added to a queue in one turn of the event loop. */
export class QueueWrites {
  private readonly writes = new JointWrites();
  private client: Redis | undefined;

  constructor(queue: EventQueueClient) {
    const { backend } = queue as { backend: unknown };
    if (!(backend instanceof RedisQueueBackend)) return;
    // What goes wrong is told by whoever adds.
    backend.client.then(
      client => (this.client = client as unknown as Redis),
      () => undefined,
    );
  }

  /** To be called before something is added. */
  hold(): void {
    if (this.client) this.writes.hold(this.client);
  }
}
