import type { Clock } from '../core/common/clock.js';
import type { EventJob } from './event-job.js';

/** BullMQ's default, in milliseconds. */
const LOCK_MS = 30_000;

/** Locks of jobs that reached this process late, as it stood still or the answer was held up. */
export class JobLocks {
  constructor(
    private readonly clock: Clock,
    private readonly lockDuration = LOCK_MS,
  ) {}

  /**
   * Asks the queue only if the lock may have ended, as seen from the time at which the job was asked for.
   *
   * @throws Error if another worker may have the job by now
   */
  async require(job: EventJob): Promise<void> {
    const { token, processedOn, name } = job;
    const age = this.clock.now() - (processedOn ?? 0);
    if (token === undefined || (age >= 0 && age < this.lockDuration / 2)) return;
    // A queue that does not answer does not know better: what happens then is as with a lock lost later.
    const isHeld = await job.extendLock(token, this.lockDuration).catch(() => 1);
    if (!isHeld) throw new Error(`${name}: its lock ran out before it could run here`);
  }
}
