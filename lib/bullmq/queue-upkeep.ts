import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../core/common/clock.js';
import { every } from '../core/common/every.js';
import { RevragQueueMonitor } from './revrag-queue-monitor.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { RetentionSweeper } from './retention-sweeper.js';
import { BULL_OPTIONS } from './tokens.js';

const SWEEP_EVERY_MS = 60 * 60 * 1000;
const CHECKS_PER_TIMEOUT = 4;

/** The periodic work on the queue. */
@Injectable()
export class QueueUpkeep {
  private cancels: readonly (() => void)[] = [];

  constructor(
    private readonly sweeper: RetentionSweeper,
    private readonly monitor: RevragQueueMonitor,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  schedule(): void {
    const { role, progressTimeout } = this.options;
    const checks = every(progressTimeout / CHECKS_PER_TIMEOUT, this.clock, () => {
      // The connection logs that the queue does not answer.
      this.monitor.logProgress().catch(() => undefined);
    });
    this.cancels =
      role === 'receive'
        ? [checks]
        : [checks, every(SWEEP_EVERY_MS, this.clock, () => void this.sweeper.sweep())];
  }

  cancel(): void {
    for (const cancel of this.cancels) cancel();
  }
}
