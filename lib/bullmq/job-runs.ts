import { Inject, Injectable, Logger } from '@nestjs/common';
import { BoundedMap } from '../core/common/bounded-map.js';
import { Clock } from '../core/common/clock.js';
import { DONE, type EventJob } from './event-job.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { JobLocks } from './job-locks.js';
import { summarizeQueueError } from './summarize-queue-error.js';
import { Suspects } from './suspects.js';
import { BULL_OPTIONS } from './tokens.js';

/** Half of it is more than a worker finishes while the queue is unreachable. Each takes a few hundred bytes. */
const MAX_FINISHED = 20_000;
/** BullMQ's code for a job that the queue does not have. */
const MISSING_JOB = -1;

/**
 * The jobs that this process runs, and those that it has finished while the queue has not recorded their end.
 * When a lock is lost, or the end could not be recorded, the queue hands a job out again, often to the same
 * process. The job then joins its own run.
 */
@Injectable()
export class JobRuns {
  private readonly logger = new Logger('RevragBullModule');
  private readonly running = new Map<string, Promise<void>>();
  /** By job id: whether the queue holds `DONE` in place of the payload. */
  private readonly finished = new BoundedMap<boolean>(MAX_FINISHED);

  private readonly suspects: Suspects;
  private readonly locks: JobLocks;

  constructor(@Inject(BULL_OPTIONS) { worker }: ResolvedBullOptions, @Inject(Clock) clock: Clock) {
    this.suspects = new Suspects(worker.maxStalledCount ?? 1, clock);
    this.locks = new JobLocks(clock, worker.lockDuration);
  }

  get isBusy(): boolean {
    return this.running.size > 0;
  }

  /** Runs the job unless it runs or has finished. Settles as the one run does. */
  join(job: EventJob, work: () => Promise<void>): Promise<void> {
    const jobId = job.id as string;
    if (this.hasFinished(jobId)) return Promise.resolve();
    const running = this.running.get(jobId);
    if (running) return running;
    const held = () => this.locks.require(job).then(work);
    const run = this.suspects.alone(job, held).finally(() => this.running.delete(jobId));
    this.running.set(jobId, run);
    return run;
  }

  /**
   * Remembers that the job has finished, and removes its payload: personal data leaves the queue as early as
   * possible, and a job that runs again because its end was not recorded does nothing.
   */
  async finish(job: EventJob): Promise<void> {
    this.finished.set(job.id as string, false);
    const error = await this.replacePayload(job);
    if (!error) return;
    this.logger.warn(
      isMissing(error)
        ? `${job.name} finished, but the queue has lost its job`
        : `${job.name} finished, but the queue has not confirmed it yet: ${summarizeQueueError(error)}`,
    );
  }

  /** Call it when the queue has recorded the end. */
  async onCompleted(job: EventJob): Promise<void> {
    const isReplaced = this.finished.get(job.id as string) ?? true;
    const error = isReplaced ? undefined : await this.replacePayload(job);
    this.finished.delete(job.id as string);
    // It may have been removed with its end.
    if (!error || isMissing(error)) return;
    this.logger.warn(
      `${job.name}: the payload stays in the queue with the record: ${summarizeQueueError(error)}`,
    );
  }

  /** Call it when the queue has recorded a failure. */
  async onFailed(job: EventJob, error: Error): Promise<void> {
    const isDeadLetter = job.finishedOn !== undefined;
    if (this.hasFinished(job.id as string)) {
      this.logger.warn(
        `${job.name}: finished, but the queue could not record it (${summarizeQueueError(error)}) and will hand the job out ` +
          'again; this process will not rerun it',
      );
      if (isDeadLetter) await this.revive(job);
    } else if (isDeadLetter) {
      this.logger.error(`${job.name}: job ${job.id} is a dead letter: ${error.message}`);
    } else {
      const attempt = `attempt ${job.attemptsMade} of ${job.opts.attempts ?? 1}`;
      this.logger.warn(`${job.name}: ${attempt} failed`);
    }
  }

  /** Retries a dead letter whose handler has finished after all: the run does nothing, and completes the job. */
  async revive(job: EventJob): Promise<void> {
    try {
      await job.retry('failed', { resetAttemptsMade: true });
    } catch {
      // It is no longer a dead letter.
    }
  }

  private hasFinished(jobId: string): boolean {
    return this.finished.get(jobId) !== undefined;
  }

  /** @returns why it is not known to be replaced */
  private async replacePayload(job: EventJob): Promise<QueueError | undefined> {
    const jobId = job.id as string;
    try {
      await job.updateData(DONE);
      if (this.hasFinished(jobId)) this.finished.set(jobId, true);
      return undefined;
    } catch (error) {
      return error as QueueError;
    }
  }
}

interface QueueError {
  readonly code?: unknown;
  readonly message: string;
}

const isMissing = ({ code }: QueueError): boolean => code === MISSING_JOB;
