import {
  Inject,
  Injectable,
  Logger,
  Optional,
  type LogLevel,
  type LoggerService,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { DeliveryObserver, type DeliveryReport } from '../handlers/delivery-observer.js';
import { Observers } from '../handlers/observers.js';
import { printable } from '../common/printable.js';
import { RevragUnavailableError } from '../errors/revrag-unavailable.error.js';
import { toAnswer } from './answer.js';
import { DeliveryLine } from './delivery-line.js';
import type { Outcome } from './outcome.js';
import { RefusalLimit } from './refusal-limit.js';

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

type Level = 'log' | 'warn' | 'error';

/**
 * One line for each delivery, not even formed where its level is off. Of refusals that anybody can cause,
 * each minute's first ones; the others are counted.
 */
@Injectable()
export class OutcomeLog implements OnApplicationShutdown {
  private readonly logger = new Logger('RevragWebhook');
  private readonly refusals: RefusalLimit;

  constructor(
    @Inject(Clock) private readonly clock: Clock,
    private readonly observers: Observers,
    @Optional() @Inject(DeliveryObserver) private readonly observer?: DeliveryObserver,
  ) {
    this.refusals = new RefusalLimit(clock);
  }

  write(received: ReceivedDelivery, outcome: Outcome): void {
    const level = levelOf(outcome);
    const isLogged = !this.isOff(level);
    if (!isLogged && !this.observer && !this.observers.areThere) return;
    const report = toReport(received, this.clock.now() - received.startedAt, outcome);
    this.observer?.settled(report);
    this.observers.outcome(report);
    if (isLogged && this.admits(report, level)) this.logger[level](lineOf(report, outcome));
  }

  onApplicationShutdown(): void {
    this.refusals.flush();
  }

  private admits({ endpoint, id, code, statusCode }: DeliveryReport, level: Level): boolean {
    // A sender that can sign may fill the log with its failures; all others may not.
    if (code === undefined || (id !== undefined && statusCode >= 500)) return true;
    return this.refusals.admit({ endpoint, code }, count => {
      const message = `Deliveries on ${endpoint}: ${count} more refused within a minute: ${code}`;
      const fields = { endpoint, outcome: 'refused', code, statusCode, count };
      this.logger[level](new DeliveryLine(message, fields));
    });
  }

  private isOff(level: LogLevel): boolean {
    // An app created with `logger: false` has none, whatever its type says.
    if (!(this.logger.localInstance as LoggerService | undefined)) return true;
    // Where not even the highest level is said to be on, nothing is known: Nest 11 says so until levels are chosen.
    return !Logger.isLevelEnabled(level) && Logger.isLevelEnabled('fatal');
  }
}

function levelOf(outcome: Outcome): Level {
  if (outcome.status === 'failed') return 'error';
  if (outcome.status !== 'refused') return 'log';
  // A deployment is no reason for an alert.
  if (outcome.error.code === 'shutting_down') return 'log';
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

function lineOf(report: DeliveryReport, outcome: Outcome): DeliveryLine {
  const error = outcome.status === 'refused' ? outcome.error : undefined;
  const cause = error instanceof RevragUnavailableError ? error.cause : undefined;
  const text = describe(report);
  if (!error) return new DeliveryLine(text, report);
  const why = `${error.code}: ${error.message}${cause === undefined ? '' : ` (${cause})`}`;
  return new DeliveryLine(`${text}: ${why}`, { ...report, ...(cause !== undefined && { cause }) });
}

function describe(report: DeliveryReport): string {
  const { endpoint, id, type, outcome, duration, handlers, unfinished } = report;
  const what = id === undefined ? 'Delivery' : `${type ?? '?'} ${id}`;
  const parts = [`${what} on ${endpoint}: ${outcome} in ${duration} ms`];
  if (handlers) parts.push(`handlers: ${handlers.join(', ')}`);
  if (unfinished) parts.push(`not finished: ${unfinished.join(', ')}`);
  return parts.join('; ');
}
