import { Injectable, Logger } from '@nestjs/common';
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

const MAX_PRINTED = 128;

/** What a sender chose must not forge a line of a log. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  const safe = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
  return safe.length > MAX_PRINTED ? `${safe.slice(0, MAX_PRINTED)}…` : safe;
}
