import { Inject, Injectable, Optional } from '@nestjs/common';
import { identityOf } from '../core/delivery/delivery-identity.js';
import { EndpointRegistry } from '../core/delivery/endpoint-registry.js';
import { DeliveryObserver } from '../core/handlers/delivery-observer.js';
import { HandlerRegistry } from '../core/handlers/handler.registry.js';
import { restoreDelivery, type EventJob, type StoredDelivery } from './event-job.js';
import { EventQueue } from './event-queue.js';
import { HandlerRunner } from './handler-runner.js';
import { JobRuns } from './job-runs.js';
import { parseStored } from './parse-stored.js';

/** What a worker does with a job. What it throws makes BullMQ retry the job, or give it up. */
@Injectable()
export class JobProcessor {
  constructor(
    private readonly queue: EventQueue,
    private readonly registry: HandlerRegistry,
    private readonly handlers: HandlerRunner,
    private readonly runs: JobRuns,
    private readonly endpoints: EndpointRegistry,
    @Optional() @Inject(DeliveryObserver) private readonly observer?: DeliveryObserver,
  ) {}

  get isBusy(): boolean {
    return this.runs.isBusy;
  }

  process(job: EventJob): Promise<void> {
    return this.runs.join(job, () => this.observed(job));
  }

  /** To be called when the queue has recorded that the job has finished. */
  completed(job: EventJob): Promise<void> {
    return this.runs.complete(job);
  }

  /** To be called when the queue has recorded that the run has failed. */
  failed(job: EventJob, error: Error): Promise<void> {
    return this.runs.fail(job, error);
  }

  /** Aborts the signal of a job's handler; of all, without an id. */
  abort(reason: string, jobId?: string): void {
    this.handlers.abort(reason, jobId);
  }

  private observed(job: EventJob): Promise<void> {
    const { data } = job;
    if (!this.observer || 'done' in data) return this.work(job);
    const { endpoint, id: deliveryId, type, trace: carrier } = data;
    const { queueName: queue, id: jobId, attemptsStarted: attempt } = job;
    const run = { queue, jobId, attempt, endpoint, deliveryId, type, carrier };
    return this.observer.aroundJob(run, () => this.work(job));
  }

  private async work(job: EventJob): Promise<void> {
    const { data } = job;
    if ('done' in data) return;
    if (data.v !== 1) {
      throw new Error('The job was written by a newer release, which this one does not understand');
    }
    if ('rejected' in data) await this.readAgain(data);
    else await this.handlers.run(job, data);
    await this.runs.finish(job);
  }

  /** A delivery that was refused: a newer release may be able to read it. */
  private async readAgain(stored: StoredDelivery): Promise<void> {
    const verified = await restoreDelivery(stored);
    const event = parseStored(verified, this.endpoints);
    const handlerIds = this.registry.match(event).map(({ id }) => id);
    const { body } = identityOf(verified, event.payload);
    await this.queue.add({ delivery: verified, key: body, payload: event.payload }, handlerIds);
  }
}
