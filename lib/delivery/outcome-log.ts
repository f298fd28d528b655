import { Injectable, Logger } from '@nestjs/common';
import { printable } from '../printable.js';
import type { RevragWebhookError } from '../signature/errors/revrag-webhook.error.js';
import type { Outcome } from './outcome.js';

/** What an outcome is of. Ids and types come from the sender. */
export interface ReceivedDelivery {
  readonly endpoint: string;
  /** Known once the delivery is verified. */
  readonly type?: string;
  /** Milliseconds. */
  readonly duration: number;
}

/** One line for each delivery. */
@Injectable()
export class OutcomeLog {
  private readonly logger = new Logger('RevragWebhook');

  write({ endpoint, type, duration }: ReceivedDelivery, outcome: Outcome): void {
    const took = `in ${duration} ms`;
    if (outcome.status === 'refused') return this.writeRefusal(endpoint, outcome.error, took);
    const line = `${printable(type ?? '?')} ${printable(outcome.id)} on ${endpoint}: ${outcome.status} ${took}`;
    if (outcome.status === 'failed') {
      this.logger.error(`${line}; not finished: ${outcome.handlerIds.join(', ')}`);
    } else {
      this.logger.log(line);
    }
  }

  private writeRefusal(endpoint: string, error: RevragWebhookError, took: string): void {
    const line = `Delivery on ${endpoint}: refused ${took}: ${error.code}: ${error.message}`;
    if (error.getStatus() < 500) return this.logger.warn(line);
    const { cause } = error;
    this.logger.error(line, cause instanceof Error ? cause.stack : undefined);
  }
}
