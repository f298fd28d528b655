import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { RevragQueueMonitor } from 'nestjs-revrag-webhook/bullmq';

/** More than this is more than workers catch up on soon. */
const MAX_WAITING = 1_000;

@Injectable()
export class QueueHealthIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly monitor: RevragQueueMonitor,
  ) {}

  async check(key: string) {
    const indicator = this.indicators.check(key);
    const progress = await this.monitor.progress().catch(() => undefined);
    if (!progress) return indicator.down('The queue does not answer');
    const { waiting, delayed, active, deadLetters, isStuck } = progress;
    const depth = { waiting, delayed, active, deadLetters, isStuck };
    // Deliveries are still accepted: worth an alert, no reason to send them elsewhere.
    if (isStuck || waiting > MAX_WAITING || deadLetters > 0) return indicator.degraded(depth);
    return indicator.up(depth);
  }
}
