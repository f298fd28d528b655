import { Inject, Injectable } from '@nestjs/common';
import { RevragQueueMonitor } from './revrag-queue-monitor.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { RetentionSweeper } from './retention-sweeper.js';
import { BULL_OPTIONS } from './tokens.js';

/** What is done from time to time. */
@Injectable()
export class QueueUpkeep {
  constructor(
    private readonly sweeper: RetentionSweeper,
    private readonly monitor: RevragQueueMonitor,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
  ) {}

  start(): void {
    this.monitor.start();
    if (this.options.role !== 'receive') this.sweeper.start();
  }

  stop(): void {
    this.monitor.stop();
    this.sweeper.stop();
  }
}
