import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../core/common/clock.js';
import type { EventQueueClient } from './bull-connector.js';
import { DeadLetter, type DeadLetterKind } from './dead-letter.js';
import type { EventJob } from './event-job.js';
import { EVENT_QUEUE } from './tokens.js';

/** Selects dead letters that match every property given. */
export interface DeadLetterFilter {
  kind?: DeadLetterKind;
  endpoint?: string;
  handlerId?: string;
}

export interface DeadLetterPage {
  /**
   * How many to skip, from the one that failed first.
   *
   * @default 0
   */
  offset?: number;
  /**
   * How many at most. Each comes with its payload.
   *
   * @default 50
   */
  limit?: number;
}

const BATCH = 20;

/**
 * Lists, retries and removes dead letters: failed jobs that hold an event whose handler gave up, or an authentic
 * delivery that could not be read. The methods reject if the queue is unreachable.
 */
@Injectable()
export class RevragDeadLetters {
  constructor(
    @Inject(EVENT_QUEUE) private readonly queue: EventQueueClient,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async count(): Promise<number> {
    return this.queue.getFailedCount();
  }

  /** In the order in which they failed. */
  async list({ offset = 0, limit = 50 }: DeadLetterPage = {}): Promise<DeadLetter[]> {
    const letters = (await this.jobs(offset, limit)).map(toDeadLetter);
    return letters.filter(letter => letter !== undefined);
  }

  async get(id: string): Promise<DeadLetter | undefined> {
    const job = await this.failedJob(id);
    return job && toDeadLetter(job);
  }

  /**
   * Retries a dead letter, with all its attempts.
   *
   * @returns false if there is no such dead letter
   */
  async retry(id: string): Promise<boolean> {
    const job = await this.failedJob(id);
    return job !== undefined && this.retryJob(job);
  }

  /**
   * Retries the dead letters that exist when it is called.
   *
   * @returns how many
   */
  async retryAll(filter: DeadLetterFilter = {}): Promise<number> {
    const now = this.clock.now();
    let retried = 0;
    let left = 0;
    // A retried job leaves the list; one that fails again joins at its end.
    for (;;) {
      const jobs = await this.jobs(left, BATCH);
      const due = jobs.filter(({ finishedOn = 0 }) => finishedOn <= now);
      for (const job of due) {
        if (isMatch(job, filter) && (await this.retryJob(job))) retried += 1;
        else left += 1;
      }
      if (due.length < BATCH) return retried;
    }
  }

  /** @returns false if there is no such dead letter */
  async remove(id: string): Promise<boolean> {
    const job = await this.failedJob(id);
    if (!job) return false;
    await job.remove();
    return true;
  }

  private async jobs(offset: number, limit: number): Promise<EventJob[]> {
    const jobs = await this.queue.getJobs('failed', offset, offset + limit - 1, true);
    // A job may be removed after the list was read.
    return jobs.filter(job => job !== undefined && job !== null);
  }

  private async failedJob(id: string): Promise<EventJob | undefined> {
    const job = await this.queue.getJob(id);
    return job && (await job.isFailed()) ? job : undefined;
  }

  /** @returns false if another process has retried or removed it */
  private async retryJob(job: EventJob): Promise<boolean> {
    try {
      await job.retry('failed', { resetAttemptsMade: true });
      return true;
    } catch (error) {
      if (await job.isFailed()) throw error;
      return false;
    }
  }
}

function toDeadLetter(job: EventJob): DeadLetter | undefined {
  const { data } = job;
  if ('done' in data) return undefined;
  const handlerId = 'handler' in data ? data.handler : undefined;
  return new DeadLetter(
    data,
    job.id as string,
    handlerId === undefined ? 'rejected' : 'failed',
    handlerId,
    job.attemptsStarted,
    job.failedReason,
    new Date(job.finishedOn ?? job.timestamp),
  );
}

function isMatch(job: EventJob, filter: DeadLetterFilter): boolean {
  const letter = toDeadLetter(job);
  if (!letter) return false;
  return (
    (filter.kind === undefined || filter.kind === letter.kind) &&
    (filter.endpoint === undefined || filter.endpoint === letter.endpoint) &&
    (filter.handlerId === undefined || filter.handlerId === letter.handlerId)
  );
}
