import { Inject, Injectable } from '@nestjs/common';
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
  constructor(@Inject(EVENT_QUEUE) private readonly queue: EventQueueClient) {}

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
    // The list changes meanwhile: jobs leave it, also by others that retry, and join it when they fail again.
    const ids = await this.queue.getRanges(['failed'], 0, -1, true);
    let retried = 0;
    for (let start = 0; start < ids.length; start += BATCH) {
      const batch = ids.slice(start, start + BATCH).map(id => this.retryMatching(id, filter));
      retried += (await Promise.all(batch)).filter(Boolean).length;
    }
    return retried;
  }

  /** @returns false if there is no such dead letter */
  async remove(id: string): Promise<boolean> {
    const job = await this.failedJob(id);
    if (!job) return false;
    await job.remove();
    return true;
  }

  private async retryMatching(id: string, filter: DeadLetterFilter): Promise<boolean> {
    const job = await this.queue.getJob(id);
    return job !== undefined && isMatch(job, filter) && this.retryJob(job);
  }

  private async jobs(offset: number, limit: number): Promise<EventJob[]> {
    // BullMQ counts places below 0 from the end.
    if (!(offset >= 0 && limit >= 1)) return [];
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
