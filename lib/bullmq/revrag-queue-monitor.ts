import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { Clock } from '../core/common/clock.js';
import { within } from '../core/common/within.js';
import { Telemetry } from '../core/handlers/telemetry.js';
import type { EventQueueClient } from './bull-connector.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { BULL_OPTIONS, EVENT_QUEUE } from './tokens.js';

/** A queue whose counts take longer does not answer, in milliseconds. */
const ANSWER_WITHIN_MS = 1_000;

/** How a queue is doing. */
export interface QueueProgress {
  /** Jobs that a worker can take now. */
  readonly waiting: number;
  /** Jobs that are to be retried later. */
  readonly delayed: number;
  /** Jobs that workers run. */
  readonly active: number;
  readonly deadLetters: number;
  /** Seconds for which jobs have waited and no worker has taken one; 0 while workers take jobs. */
  readonly standstill: number;
  /** Whether that is longer than `progressTimeout`. */
  readonly isStuck: boolean;
}

/** Job that the next worker takes. While it stays, no worker takes any. */
interface Head {
  readonly jobId: string | undefined;
  /** By the monotonic clock. */
  readonly since: number;
}

/** Watches whether workers, of this process or others, take jobs from the queue. */
@Injectable()
export class RevragQueueMonitor {
  private readonly logger = new Logger('RevragBullModule');
  private head: Head | undefined;
  private isWarned = false;

  constructor(
    @Inject(EVENT_QUEUE) private readonly queue: EventQueueClient,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) private readonly clock: Clock,
    @Optional() @Inject(Telemetry) private readonly telemetry?: Telemetry,
  ) {}

  /**
   * For a health check. `RevragTelemetryModule` has gauges of it.
   *
   * @throws Error if the queue does not answer within 1 s
   */
  async progress(): Promise<QueueProgress> {
    const answers = Promise.all([
      this.queue.getJobCounts('waiting', 'delayed', 'active', 'failed'),
      this.queue.getRanges(['wait'], 0, 0, true),
      this.queue.isPaused(),
    ]);
    const answer = await within(answers, ANSWER_WITHIN_MS, this.clock);
    if (!answer) throw new Error(`The queue has not answered within ${ANSWER_WITHIN_MS} ms`);
    const [{ waiting = 0, delayed = 0, active = 0, failed = 0 }, [jobId], isPaused] = answer;
    const standstill = this.standstill(isPaused ? undefined : jobId);
    const isStuck = standstill * 1_000 >= this.options.progressTimeout;
    this.telemetry?.queue(this.queue.name, { waiting, failed, progressAge: standstill });
    return { waiting, delayed, active, deadLetters: failed, standstill, isStuck };
  }

  /**
   * Logs when workers stop taking jobs, and when they take jobs again.
   *
   * @internal
   */
  async logProgress(): Promise<void> {
    const { isStuck, standstill, waiting, active } = await this.progress();
    if (isStuck && !this.isWarned) {
      this.logger.warn(
        `No worker has taken a job for ${Math.round(standstill)} s: ${waiting} wait, ${active} are ` +
          'active. Workers may be down, blocked, or busy with handlers that take long.',
      );
    }
    if (!isStuck && this.isWarned) this.logger.log('Workers take jobs again');
    this.isWarned = isStuck;
  }

  private standstill(jobId: string | undefined): number {
    const now = this.clock.monotonic();
    if (!this.head || this.head.jobId !== jobId || jobId === undefined) {
      this.head = { jobId, since: now };
    }
    return (now - this.head.since) / 1_000;
  }
}
