import {
  Inject,
  Injectable,
  Logger,
  Optional,
  type LogLevel,
  type LoggerService,
} from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { DeliveryObserver, type DeliveryReport } from '../handlers/delivery-observer.js';
import { Observers } from '../handlers/observers.js';
import { printable } from '../common/printable.js';
import { toAnswer } from './answer.js';
import { DeliveryLine } from './delivery-line.js';
import type { Outcome } from './outcome.js';

/** What an outcome is of. Ids and types come from the sender. */
export interface ReceivedDelivery {
  readonly endpoint: string;
  /** Known once the delivery is verified. */
  readonly id?: string;
  /** As `id`. */
  readonly type?: string;
  /** When it came in: milliseconds since the Unix epoch. */
  readonly startedAt: number;
}

/** One line for each delivery, not even formed where its level is off. */
@Injectable()
export class OutcomeLog {
  private readonly logger = new Logger('RevragWebhook');

  constructor(
    @Inject(Clock) private readonly clock: Clock,
    private readonly observers: Observers,
    @Optional() @Inject(DeliveryObserver) private readonly observer?: DeliveryObserver,
  ) {}

  write(received: ReceivedDelivery, outcome: Outcome): void {
    const level = levelOf(outcome);
    const isLogged = !this.isOff(level);
    if (!isLogged && !this.observer && !this.observers.areThere) return;
    const report = toReport(received, this.clock.now() - received.startedAt, outcome);
    this.observer?.settled(report);
    this.observers.outcome(report);
    if (!isLogged) return;
    const line = new DeliveryLine(describe(report, outcome), report);
    if (level !== 'error') return this.logger[level](line);
    const cause = outcome.status === 'refused' ? outcome.error.cause : undefined;
    this.logger.error(line, cause instanceof Error ? cause.stack : undefined);
  }

  private isOff(level: LogLevel): boolean {
    // An app created with `logger: false` has none, whatever its type says.
    if (!(this.logger.localInstance as LoggerService | undefined)) return true;
    // Where not even the highest level is said to be on, nothing is known: Nest 11 says so until levels are chosen.
    return !Logger.isLevelEnabled(level) && Logger.isLevelEnabled('fatal');
  }
}

function levelOf(outcome: Outcome): 'log' | 'warn' | 'error' {
  if (outcome.status === 'failed') return 'error';
  if (outcome.status !== 'refused') return 'log';
  return outcome.error.getStatus() < 500 ? 'warn' : 'error';
}

function toReport(received: ReceivedDelivery, duration: number, outcome: Outcome): DeliveryReport {
  const { endpoint, type } = received;
  const handlers = 'handlerIds' in outcome ? outcome.handlerIds : [];
  const id = outcome.status === 'refused' ? received.id : outcome.id;
  return {
    endpoint,
    ...(id !== undefined && { id: printable(id) }),
    ...(type !== undefined && { type: printable(type) }),
    outcome: outcome.status,
    ...(outcome.status === 'refused' && { code: outcome.error.code }),
    ...(outcome.status === 'failed' && { code: 'handler_failed' }),
    statusCode: toAnswer(outcome).statusCode,
    duration,
    ...(handlers.length > 0 && { handlers }),
    ...(outcome.status === 'failed' && { unfinished: outcome.unfinished }),
  };
}

function describe(report: DeliveryReport, outcome: Outcome): string {
  const { endpoint, id, type, duration, handlers, unfinished } = report;
  const what = id === undefined ? 'Delivery' : `${type ?? '?'} ${id}`;
  const parts = [`${what} on ${endpoint}: ${outcome.status} in ${duration} ms`];
  if (handlers) parts.push(`handlers: ${handlers.join(', ')}`);
  if (unfinished) parts.push(`not finished: ${unfinished.join(', ')}`);
  const line = parts.join('; ');
  if (outcome.status !== 'refused') return line;
  return `${line}: ${outcome.error.code}: ${outcome.error.message}`;
}
