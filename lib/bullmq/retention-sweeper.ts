import { Inject, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../core/common/clock.js';
import type { EventQueueClient } from './bull-connector.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { BULL_OPTIONS, EVENT_QUEUE } from './tokens.js';

const SWEEP_EVERY_MS = 60 * 60 * 1000;
const MAX_REMOVED = 10_000;

/**
 * Removes jobs that have stayed as long as they may. BullMQ looks only when another job ends the same
 * way, so that without this the last dead letter would stay for ever.
 */
@Injectable()
export class RetentionSweeper {
  private readonly logger = new Logger('RevragBullModule');
  private cancel: (() => void) | undefined;

  constructor(
    @Inject(EVENT_QUEUE) private readonly queue: EventQueueClient,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  start(): void {
    this.cancel = this.clock.after(SWEEP_EVERY_MS, () => {
      this.start();
      void this.sweep();
    });
  }

  stop(): void {
    this.cancel?.();
  }

  async sweep(): Promise<void> {
    const { keepCompleted, keepFailed } = this.options;
    try {
      await this.queue.clean(keepFailed.age * 1000, MAX_REMOVED, 'failed');
      await this.queue.clean(keepCompleted.age * 1000, MAX_REMOVED, 'completed');
    } catch (error) {
      this.logger.warn(
        `Old jobs were not removed, which is tried again: ${(error as Error).message}`,
      );
    }
  }
}
