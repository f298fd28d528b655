import { InjectQueue } from '@nestjs/bullmq';
import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import type { Queue } from 'bullmq';

/** More than this is more than workers catch up on soon. */
const MAX_WAITING = 1_000;
/** How long counting may take, in milliseconds. */
const TIMEOUT = 1_000;

@Injectable()
export class QueueHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    @InjectQueue('revrag-webhook') private readonly queue: Queue,
  ) {}

  async check(key: string) {
    const indicator = this.indicators.check(key);
    const counts = await Promise.race([
      this.queue.getJobCounts('waiting', 'delayed', 'active', 'failed').catch(() => undefined),
      new Promise<undefined>(resolve => setTimeout(() => resolve(undefined), TIMEOUT).unref()),
    ]);
    if (!counts) return indicator.down('The queue does not answer');
    const { waiting = 0, delayed = 0, active = 0, failed: deadLetters = 0 } = counts;
    const depth = { waiting, delayed, active, deadLetters };
    // Deliveries are still taken: worth an alert, no reason to send them elsewhere.
    if (waiting > MAX_WAITING || deadLetters > 0) return indicator.degraded(depth);
    return indicator.up(depth);
  }
}
