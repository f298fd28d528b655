import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/common/clock.js';
import { endsWithin } from '../core/common/within.js';
import { BullConnector, type EventQueueClient, type EventWorkerClient } from './bull-connector.js';
import { logErrors } from './connection-log.js';
import { JobProcessor } from './job-processor.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { BULL_OPTIONS, EVENT_QUEUE } from './tokens.js';

/** Longer than an idle worker takes to close, in milliseconds. */
const IDLE_MS = 2_000;
const REACHABLE_WITHIN_MS = 1_000;

/** BullMQ's worker, while the app runs. */
@Injectable()
export class EventWorker {
  private readonly logger = new Logger('RevragBullModule');
  private worker: EventWorkerClient | undefined;

  constructor(
    private readonly connector: BullConnector,
    private readonly processor: JobProcessor,
    @Inject(EVENT_QUEUE) private readonly queue: EventQueueClient,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws RevragConfigurationError if the server can't serve a worker */
  async prepare(): Promise<void> {
    const { processor } = this;
    if (this.options.role === 'receive') return;
    const worker = this.connector.worker(job => processor.process(job));
    this.worker = worker;
    logErrors(worker, 'worker', this.clock);
    worker.on('completed', job => void processor.onCompleted(job));
    worker.on('failed', (job, error) => job && void processor.onFailed(job, error));
    worker.on('lockRenewalFailed', jobIds => {
      for (const id of jobIds) processor.abort('The lock on the job was lost', id);
    });
    await this.connector.check(worker);
  }

  takeJobs(): void {
    const { worker } = this;
    worker?.run().catch((error: unknown) => worker.emit('error', error as Error));
  }

  /** Takes no more jobs, and waits for running ones, `shutdownTimeout` at most. */
  async stop(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    // BullMQ would wait forever for a connection that is down to close in order.
    const closed = worker.close(!(await this.isReachable()));
    const ended = Promise.race([closed, this.idleForLong()]).catch(() => undefined);
    // Keeps the process alive: without HTTP nothing else may do so.
    if (await endsWithin(ended, this.options.shutdownTimeout, this.clock, true)) return;
    this.processor.abort('The app is closing');
    if (!this.processor.isBusy) return;
    this.logger.warn(
      `Closing with handlers still running after ${this.options.shutdownTimeout} ms; another worker ` +
        'will rerun them',
    );
  }

  private isReachable(): Promise<boolean> {
    const answer = this.queue.isPaused();
    return endsWithin(answer, REACHABLE_WITHIN_MS, this.clock).catch(() => false);
  }

  /** In case the connection goes down while the worker closes. */
  private async idleForLong(): Promise<void> {
    do {
      await new Promise<void>(resolve => this.clock.after(IDLE_MS, resolve));
    } while (this.processor.isBusy);
  }

  /** Cuts the connections that are still open. */
  async disconnect(): Promise<void> {
    await this.worker?.disconnect();
  }
}
