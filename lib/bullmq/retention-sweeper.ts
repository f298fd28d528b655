import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EventQueueClient } from './bull-connector.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { summarizeQueueError } from './summarize-queue-error.js';
import { BULL_OPTIONS, EVENT_QUEUE } from './tokens.js';

const MAX_REMOVED = 10_000;

/**
 * Removes jobs whose retention is over. BullMQ does so only when another job ends the same way, so that the last
 * dead letter would stay forever.
 */
@Injectable()
export class RetentionSweeper {
  private readonly logger = new Logger('RevragBullModule');

  constructor(
    @Inject(EVENT_QUEUE) private readonly queue: EventQueueClient,
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
  ) {}

  /** Never rejects. */
  async sweep(): Promise<void> {
    const { keepCompleted, keepFailed } = this.options;
    try {
      await this.queue.clean(keepFailed.age * 1000, MAX_REMOVED, 'failed');
      await this.queue.clean(keepCompleted.age * 1000, MAX_REMOVED, 'completed');
    } catch (error) {
      this.logger.warn(
        `Old jobs were not removed; the next sweep retries: ${summarizeQueueError(error)}`,
      );
    }
  }
}
