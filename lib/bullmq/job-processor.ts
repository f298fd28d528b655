import { Inject, Injectable, Logger, Optional } from '@nestjs/common';
import { UnrecoverableError } from 'bullmq';
import { Clock } from '../core/common/clock.js';
import { DeliveryObserver } from '../core/handlers/delivery-observer.js';
import { EndpointRegistry } from '../core/delivery/endpoint-registry.js';
import { Delivery } from '../core/events/delivery.js';
import { RevragPayloadError } from '../core/errors/revrag-payload.error.js';
import { parseEvent } from '../core/events/parse-event.js';
import type { RevragEvent } from '../core/events/revrag-event.js';
import { HandlerDispatcher } from '../core/handlers/handler.dispatcher.js';
import { HandlerRegistry } from '../core/handlers/handler.registry.js';
import { printable } from '../core/common/printable.js';
import type { VerifiedDelivery } from '../core/signature/verified-delivery.js';
import {
  DONE,
  restoreDelivery,
  type EventJob,
  type HandlerJobData,
  type StoredDelivery,
} from './event-job.js';
import { EventQueue } from './event-queue.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { BULL_OPTIONS } from './tokens.js';

const FORGET_TRIES = 60;
const FORGET_RETRY_MS = 1_000;
/** As many as fit in a line of a log. */
const MAX_VIOLATIONS = 5;

/** What a worker does with a job. What it throws makes BullMQ retry the job, or give it up. */
@Injectable()
export class JobProcessor {
  private readonly logger = new Logger('RevragBullModule');
  private readonly running = new Map<string, Delivery>();
  private jobs = 0;

  constructor(
    private readonly queue: EventQueue,
    private readonly registry: HandlerRegistry,
    private readonly dispatcher: HandlerDispatcher,
    private readonly endpoints: EndpointRegistry,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) private readonly clock: Clock,
    @Optional() @Inject(DeliveryObserver) private readonly observer?: DeliveryObserver,
  ) {}

  get isBusy(): boolean {
    return this.jobs > 0;
  }

  async process(job: EventJob): Promise<void> {
    this.jobs += 1;
    try {
      await this.observed(job);
    } finally {
      this.jobs -= 1;
    }
  }

  /** Tells the handler of a job to stop; of all jobs, without an id. */
  abort(reason: string, jobId?: string): void {
    for (const [id, delivery] of this.running) {
      if (jobId === undefined || jobId === id) Delivery.abort(delivery, new Error(reason));
    }
  }

  private observed(job: EventJob): Promise<void> {
    const { data } = job;
    if (!this.observer || 'done' in data) return this.work(job);
    const { endpoint, id: deliveryId, type, trace: carrier } = data;
    const { queueName: queue } = this.options;
    const { id: jobId, attemptsStarted: attempt } = job;
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
    else await this.handle(job, data);
    await this.forget(job);
  }

  private async handle(job: EventJob, data: HandlerJobData): Promise<void> {
    const handler = this.registry.list().find(({ id }) => id === data.handler);
    if (!handler) {
      // Retried all the same: while a new release rolls out, another worker may know it.
      throw new Error(
        `This release has no handler "${data.handler}". If it was renamed, give it its former name ` +
          'as id: @OnCallEnded({ id: … }).',
      );
    }
    const verified = await restoreDelivery(data);
    const parsed = this.parse(verified);
    const delivery = Delivery.with(parsed.delivery, { attempt: job.attemptsStarted });
    const event: RevragEvent = { ...parsed, delivery };
    const jobId = job.id as string;
    this.running.set(jobId, delivery);
    const cancelTimeout = this.abortLater(delivery);
    const startedAt = this.clock.now();
    try {
      const { ok, error } = await this.dispatcher.dispatch(event, handler);
      if (!ok) throw asError(error);
      const took = `in ${this.clock.now() - startedAt} ms, attempt ${delivery.attempt}`;
      const what = `${printable(verified.type)} ${printable(verified.id)} on ${verified.endpoint}`;
      this.logger.log(`${what}: ${handler.id} finished ${took}`);
    } finally {
      cancelTimeout?.();
      this.running.delete(jobId);
    }
  }

  private abortLater(delivery: Delivery): (() => void) | undefined {
    const { handlerTimeout } = this.options;
    if (handlerTimeout === undefined) return undefined;
    return this.clock.after(handlerTimeout, () =>
      Delivery.abort(delivery, new Error(`handlerTimeout of ${handlerTimeout} ms has passed`)),
    );
  }

  /** A delivery that was refused: a newer release may be able to read it. */
  private async readAgain(stored: StoredDelivery): Promise<void> {
    const verified = await restoreDelivery(stored);
    const handlers = this.registry.match(this.parse(verified));
    await this.queue.add(
      verified,
      handlers.map(({ id }) => id),
    );
  }

  /** As strictly as the endpoint says; leniently where this process does not have it. */
  private parse(verified: VerifiedDelivery): RevragEvent {
    try {
      return parseEvent(verified, { strict: this.endpoints.isStrict(verified.endpoint) });
    } catch (error) {
      if (!(error instanceof RevragPayloadError)) throw error;
      throw new UnrecoverableError(explain(error));
    }
  }

  /**
   * Leaves of the job only that it is done: nothing personal rests in the queue longer than it must, and
   * a job that is run again because its end could not be recorded does nothing.
   */
  private async forget(job: EventJob): Promise<void> {
    for (let tries = 1; tries <= FORGET_TRIES; tries += 1) {
      try {
        return await job.updateData(DONE);
      } catch (error) {
        this.logger.warn(`Could not record the end of job ${job.id}: ${(error as Error).message}`);
        await new Promise<void>(resolve => this.clock.after(FORGET_RETRY_MS, resolve));
      }
    }
  }
}

/** Paths and messages, which hold nothing of the payload. */
function explain({ code, message, violations }: RevragPayloadError): string {
  const places = violations
    .slice(0, MAX_VIOLATIONS)
    .map(violation => `${violation.path || 'payload'}: ${violation.message}`);
  const reasons = places.length > 0 ? ` ${places.join('; ')}` : '';
  return `This release can not read the payload: ${code}: ${message}${reasons}`;
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error
    ? thrown
    : new Error(`The handler threw a value of type ${typeof thrown}`);
