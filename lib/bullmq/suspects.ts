import { DelayedError } from 'bullmq';
import type { Clock } from '../core/common/clock.js';
import type { EventJob } from './event-job.js';

/** When a job that waits for another is offered again, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;

/**
 * Jobs during which the process ended more than once: one of them may be the cause. They run one at a time, so
 * that the next crash ends only the job that caused it.
 */
export class Suspects {
  private running: string | undefined;
  private readonly from: number;

  /** @param maxStalled How often a job may end its process before it is a dead letter. */
  constructor(
    maxStalled: number,
    private readonly clock: Clock,
  ) {
    this.from = Math.max(1, maxStalled - 1);
  }

  /** @throws DelayedError, which BullMQ does not count as a failure, while another is running */
  async alone(job: EventJob, work: () => Promise<void>): Promise<void> {
    if (job.stalledCounter < this.from) return work();
    if (this.running !== undefined) {
      // Not active, so it does not end with the process.
      await job.moveToDelayed(this.clock.now() + LOOK_AGAIN_MS, job.token);
      throw new DelayedError();
    }
    this.running = job.id;
    try {
      await work();
    } finally {
      this.running = undefined;
    }
  }
}
