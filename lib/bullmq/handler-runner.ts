import { Injectable, Logger } from '@nestjs/common';
import { UnrecoverableError } from 'bullmq';
import { Delivery } from '../core/events/delivery.js';
import type { RevragEvent } from '../core/events/revrag-event.js';
import type { HandlerResult } from '../core/handlers/handler.js';
import { HandlerDispatcher } from '../core/handlers/handler.dispatcher.js';
import { HandlerRegistry } from '../core/handlers/handler.registry.js';
import type { EventJob, HandlerJobData } from './event-job.js';
import { JobRuns } from './job-runs.js';
import { RunLimits } from './run-limits.js';
import { StoredEvents } from './stored-events.js';

/** Runs the handler of a job. */
@Injectable()
export class HandlerRunner {
  private readonly logger = new Logger('RevragBullModule');
  /** By job id. */
  private readonly deliveries = new Map<string, Delivery>();

  constructor(
    private readonly registry: HandlerRegistry,
    private readonly dispatcher: HandlerDispatcher,
    private readonly runs: JobRuns,
    private readonly limits: RunLimits,
    private readonly events: StoredEvents,
  ) {}

  /** @throws Error that makes BullMQ retry the job or make it a dead letter */
  async run(job: EventJob, data: HandlerJobData): Promise<void> {
    const handler = this.registry.list().find(({ id }) => id === data.handler);
    if (!handler) {
      // Retried: while a new release rolls out, another worker may have it.
      throw new Error(
        `This release has no handler "${data.handler}". If it was renamed, give it its former name ` +
          'as id: @OnCallEnded({ id: … }).',
      );
    }
    const event = await this.toEvent(job, data);
    const jobId = job.id as string;
    this.deliveries.set(jobId, event.delivery);
    const handling = this.dispatcher.dispatch(event, handler);
    const { delivery } = event;
    const result = await this.limits
      .wait(handling, { name: job.name, handlerId: handler.id, delivery })
      .catch((stuck: unknown) => {
        void handling.then(late => this.settledLate(job, late));
        throw stuck;
      })
      .finally(() => this.deliveries.delete(jobId));
    if (result.status !== 'finished') throw failureOf(result);
  }

  /** Aborts the signal of a job's handler, or of all handlers if no id is given. */
  abort(reason: string, jobId?: string): void {
    for (const [id, delivery] of this.deliveries) {
      if (jobId === undefined || jobId === id) Delivery.abort(delivery, new Error(reason));
    }
  }

  private async toEvent(job: EventJob, data: HandlerJobData): Promise<RevragEvent> {
    const { event } = await this.events.read(data);
    const delivery = Delivery.with(event.delivery, { attempt: job.attemptsStarted });
    // Starts of a job are counted for as long as it exists, and one that is added again has a later timestamp.
    Delivery.claimed(delivery, data.key, job.timestamp + job.attemptsStarted);
    return { ...event, delivery };
  }

  /** Records that a stuck handler has finished after all, so that it does not run again. */
  private async settledLate(job: EventJob, { status }: HandlerResult): Promise<void> {
    this.logger.warn(`${job.name}: the handler that was stuck has ${status}`);
    if (status !== 'finished') return;
    await this.runs.finish(job);
    await this.runs.revive(job);
  }
}

function failureOf(result: HandlerResult): Error {
  const thrown = 'error' in result ? result.error : undefined;
  const error =
    thrown instanceof Error
      ? thrown
      : new Error(`The handler threw a value of type ${typeof thrown}`);
  if (result.status !== 'abandoned') return error;
  const final = new UnrecoverableError(error.message);
  if (error.stack !== undefined) final.stack = error.stack;
  return final;
}
