import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { Clock } from '../core/common/clock.js';
import { Telemetry } from '../core/handlers/telemetry.js';
import type { EventJob, HandlerJobData } from './event-job.js';
import { HandlerRunner } from './handler-runner.js';
import { JobRuns } from './job-runs.js';
import { RejectedRunner } from './rejected-runner.js';

/** Runs a worker's jobs. An error makes BullMQ retry the job or make it a dead letter. */
@Injectable()
export class JobProcessor {
  private readonly logger = new Logger('RevragBullModule');

  constructor(
    private readonly handlers: HandlerRunner,
    private readonly rejected: RejectedRunner,
    private readonly runs: JobRuns,
    @Inject(Clock) private readonly clock: Clock,
    @Optional() @Inject(Telemetry) private readonly telemetry?: Telemetry,
  ) {}

  get isBusy(): boolean {
    return this.runs.isBusy;
  }

  process(job: EventJob): Promise<void> {
    return this.runs.join(job, () => this.observed(job));
  }

  /** Call it when the queue has recorded that the job has finished. */
  onCompleted(job: EventJob): Promise<void> {
    return this.runs.onCompleted(job);
  }

  /** Call it when the queue has recorded that the run has failed. */
  onFailed(job: EventJob, error: Error): Promise<void> {
    return this.runs.onFailed(job, error);
  }

  /** Aborts the signal of a job's handler, or of all handlers if no id is given. */
  abort(reason: string, jobId?: string): void {
    this.handlers.abort(reason, jobId);
  }

  private observed(job: EventJob): Promise<void> {
    const { data } = job;
    if (!this.telemetry || 'done' in data) return this.work(job);
    const { endpoint, id: deliveryId, type, trace: carrier } = data;
    const { queueName: queue, id: jobId, attemptsStarted: attempt } = job;
    const run = { queue, jobId, attempt, endpoint, deliveryId, type, carrier };
    return this.telemetry.aroundJob(run, () => this.work(job));
  }

  private async work(job: EventJob): Promise<void> {
    const { data } = job;
    if ('done' in data) return;
    if (data.v !== 1) {
      throw new Error('A newer release wrote the job, and this one cannot read it');
    }
    if ('rejected' in data) await this.rejected.run(data);
    else await this.runHandler(job, data);
    await this.runs.finish(job);
  }

  private async runHandler(job: EventJob, data: HandlerJobData): Promise<void> {
    const startedAt = this.clock.monotonic();
    await this.handlers.run(job, data);
    const duration = Math.round(this.clock.monotonic() - startedAt);
    const took = `${duration} ms, attempt ${job.attemptsStarted}`;
    this.logger.log(`${job.name} on ${data.endpoint}: finished in ${took}`);
  }
}
