import { DelayedError } from 'bullmq';
import type { Clock } from '../core/common/clock.js';
import type { EventJob } from './event-job.js';

/** When a job that waits for another is offered again, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;
/** How long a job runs alone. One that never settles must not hold up the others for ever. In milliseconds. */
const ALONE_MS = 60_000;

/**
 * Jobs during which the process ended more than once: one of them may be the cause. They run one at a time, for
 * a minute each, so that the next crash ends only the job that caused it.
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
    const release = (): void => {
      if (this.running === job.id) this.running = undefined;
    };
    const cancel = this.clock.after(ALONE_MS, release);
    try {
      await work();
    } finally {
      cancel();
      release();
    }
  }
}
