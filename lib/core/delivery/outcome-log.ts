import {
  Inject,
  Injectable,
  Logger,
  type LogLevel,
  type LoggerService,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '../common/clock.js';
import type { DeliveryReport } from '../handlers/revrag-observer.js';
import { Observers } from '../handlers/observers.js';
import { printable } from '../common/printable.js';
import { RevragPayloadError, type Violation } from '../errors/revrag-payload.error.js';
import { RevragUnavailableError } from '../errors/revrag-unavailable.error.js';
import { stackOf } from '../errors/stack-of.js';
import { toAnswer } from './answer.js';
import { DeliveryLine } from './delivery-line.js';
import type { Outcome } from './outcome.js';
import { RefusalLimit } from './refusal-limit.js';

/** A delivery as the log knows it. The sender chose id and type. */
export interface ReceivedDelivery {
  readonly endpoint: string;
  /** Known once the delivery is verified. */
  readonly id?: string | undefined;
  /** As `id`. */
  readonly type?: string | undefined;
  /** When it arrived, by the monotonic clock. */
  readonly startedAt: number;
  /** Where its payload breaks the contract. */
  readonly violations?: readonly Violation[] | undefined;
}

/** How many violations a line names. */
const MAX_PATHS = 5;

type Level = 'log' | 'warn' | 'error';

/**
 * Logs one line for each delivery, which is not formed if its level is off. Refusals that anybody can cause are
 * logged in full up to a number for each minute, and counted beyond it.
 */
@Injectable()
export class OutcomeLog implements OnApplicationShutdown {
  private readonly logger = new Logger('RevragWebhook');
  private readonly refusals: RefusalLimit;

  constructor(
    @Inject(Clock) private readonly clock: Clock,
    private readonly observers: Observers,
  ) {
    this.refusals = new RefusalLimit(clock);
  }

  write(received: ReceivedDelivery, outcome: Outcome): void {
    const level = levelOf(outcome);
    const isLogged = !this.isOff(level);
    if (!isLogged && this.observers.isEmpty) return;
    const report = toReport(received, this.durationOf(received), outcome);
    this.observers.outcome(report);
    if (isLogged && this.admits(report, level)) this.logger[level](lineOf(report, outcome));
  }

  /** Logs an unexpected error, which is answered 500 `internal_error`. */
  writeError(received: ReceivedDelivery, error: unknown): void {
    const duration = this.durationOf(received);
    const failure = { outcome: 'error', code: 'internal_error', statusCode: 500, duration };
    const report: DeliveryReport = { ...namesOf(received), ...failure };
    this.observers.outcome(report);
    if (this.isOff('error') || !this.admits(report, 'error')) return;
    this.logger.error(new DeliveryLine(`${describe(report)}: unexpected`, report), stackOf(error));
  }

  onApplicationShutdown(): void {
    this.refusals.flush();
  }

  private admits({ endpoint, id, code, statusCode }: DeliveryReport, level: Level): boolean {
    // Failures of a sender that can sign are all logged; refusals that anybody can cause are limited.
    if (code === undefined || (id !== undefined && statusCode >= 500)) return true;
    return this.refusals.admit(`${endpoint} ${code}`, count => {
      const message = `Deliveries on ${endpoint}: ${count} more refused within a minute: ${code}`;
      const fields = { endpoint, outcome: 'refused', code, statusCode, count };
      this.logger[level](new DeliveryLine(message, fields));
    });
  }

  /** In whole milliseconds. */
  private durationOf({ startedAt }: ReceivedDelivery): number {
    return Math.round(this.clock.monotonic() - startedAt);
  }

  private isOff(level: LogLevel): boolean {
    // Undefined in an app that was created with `logger: false`, whatever the type says.
    if (!(this.logger.localInstance as LoggerService | undefined)) return true;
    // If even the highest level reads as off, no levels are set: Nest 11 answers so until the app chooses some.
    return !Logger.isLevelEnabled(level) && Logger.isLevelEnabled('fatal');
  }
}

function levelOf(outcome: Outcome): Level {
  if (outcome.status === 'failed') return 'error';
  if (outcome.status !== 'refused') return 'log';
  // Each deployment causes it, so it must raise no alert.
  if (outcome.error.code === 'shutting_down') return 'log';
  return outcome.error.getStatus() < 500 ? 'warn' : 'error';
}

function toReport(received: ReceivedDelivery, duration: number, outcome: Outcome): DeliveryReport {
  const violations = violationsOf(received, outcome);
  const handlers = 'handlerIds' in outcome ? outcome.handlerIds : [];
  return {
    ...namesOf(received),
    outcome: outcome.status,
    ...(outcome.status === 'refused' && { code: outcome.error.code }),
    ...(outcome.status === 'failed' && { code: 'handler_failed' }),
    statusCode: toAnswer(outcome).statusCode,
    duration,
    ...(handlers.length > 0 && { handlers }),
    ...(outcome.status === 'failed' && { unfinished: outcome.unfinished }),
    ...(outcome.status === 'abandoned' && { abandoned: outcome.abandoned }),
    ...(violations.length > 0 && { violations: violations.map(({ path }) => path) }),
  };
}

/** Of an event, or of a payload that was refused for them. */
function violationsOf({ violations }: ReceivedDelivery, outcome: Outcome): readonly Violation[] {
  const error = outcome.status === 'refused' ? outcome.error : undefined;
  return violations ?? (error instanceof RevragPayloadError ? error.violations : []);
}

/** What names a delivery, made safe for a log. */
const namesOf = ({ endpoint, id, type }: ReceivedDelivery) => ({
  endpoint,
  ...(id !== undefined && { id: printable(id) }),
  ...(type !== undefined && { type: printable(type) }),
});

function lineOf(report: DeliveryReport, outcome: Outcome): DeliveryLine {
  const error = outcome.status === 'refused' ? outcome.error : undefined;
  const cause = error instanceof RevragUnavailableError ? error.cause : undefined;
  const text = describe(report);
  if (!error) return new DeliveryLine(text, report);
  const why = `${error.code}: ${error.message}${cause === undefined ? '' : ` (${cause})`}`;
  return new DeliveryLine(`${text}: ${why}`, { ...report, ...(cause !== undefined && { cause }) });
}

function describe(report: DeliveryReport): string {
  const { endpoint, id, type, outcome, duration, handlers, unfinished, abandoned, violations } =
    report;
  const what = id === undefined ? 'Delivery' : `${type ?? '?'} ${id}`;
  const parts = [`${what} on ${endpoint}: ${outcome} in ${duration} ms`];
  if (handlers) parts.push(`handlers: ${handlers.join(', ')}`);
  if (unfinished) parts.push(`not finished: ${unfinished.join(', ')}`);
  if (abandoned) parts.push(`gave up: ${abandoned.join(', ')}`);
  if (violations) {
    const paths = violations.slice(0, MAX_PATHS).map(path => path || '(the whole)');
    const more = violations.length > MAX_PATHS ? ', …' : '';
    parts.push(`breaks the contract at ${paths.join(', ')}${more}`);
  }
  return parts.join('; ');
}
