import type { RedisQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { JointWrites } from '../redis/joint-writes.js';
import type { EventQueueClient } from './bull-connector.js';
import { JobBatches } from './job-batches.js';
import type { NewJob, QueueWrites } from './new-jobs.js';
import { bullmq } from './supported-bullmq.js';

/** Adds jobs in the way that is cheapest for the server that holds the queue. */
export function queueWrites(queue: EventQueueClient): QueueWrites {
  const { backend } = queue as { backend: unknown };
  return backend instanceof bullmq.RedisQueueBackend
    ? new RedisWrites(queue, backend)
    : new JobBatches(queue);
}

/** Writes to Redis together what is added in one turn of the event loop. */
class RedisWrites implements QueueWrites {
  private readonly writes = new JointWrites();
  private client: Redis | undefined;

  constructor(
    private readonly queue: EventQueueClient,
    backend: RedisQueueBackend,
  ) {
    backend.client.then(
      // BullMQ's own type has only the commands that it uses.
      client => (this.client = client as unknown as Redis),
      // Adding jobs fails with the same error.
      () => undefined,
    );
  }

  add(jobs: readonly NewJob[]): Promise<unknown> {
    if (this.client) this.writes.hold(this.client);
    // A bulk is no more atomic, and costs several times as much for a few jobs.
    const adding = jobs.map(({ name, data, opts }) => this.queue.add(name, data, opts));
    return adding.length > 1 ? Promise.all(adding) : (adding[0] as Promise<unknown>);
  }
}
