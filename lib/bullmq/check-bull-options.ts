import type { QueueOptions } from 'bullmq';
import { MAX_TIMER_MS } from '../core/common/clock.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import type {
  KeepJobsOptions,
  RetryBackoffOptions,
  RevragBullOptions,
} from './revrag-bull.options.js';
import { bullmq } from './supported-bullmq.js';

const KNOWN: readonly (keyof RevragBullOptions)[] = [
  'role',
  'connection',
  'postgres',
  'prefix',
  'attempts',
  'backoff',
  'keepCompleted',
  'keepFailed',
  'persistTimeout',
  'handlerTimeout',
  'graceTimeout',
  'onStuck',
  'progressTimeout',
  'shutdownTimeout',
  'queue',
  'worker',
];
const BACKOFF = ['type', 'delay', 'jitter'];
const KEEP = ['age', 'count'];
/** Options of BullMQ that this module sets, by where they would be given; what to use in their place. */
const RESERVED: Readonly<Record<'queue' | 'worker', Readonly<Record<string, string>>>> = {
  queue: {
    connection: 'connection or postgres',
    prefix: 'prefix',
    defaultJobOptions: 'attempts, backoff, keepCompleted and keepFailed',
  },
  worker: {
    connection: 'connection or postgres',
    prefix: 'prefix',
    autorun: 'role',
    removeOnComplete: 'keepCompleted',
    removeOnFail: 'keepFailed',
  },
};

const TIMES = [
  'persistTimeout',
  'shutdownTimeout',
  'handlerTimeout',
  'graceTimeout',
  'progressTimeout',
] as const;

/** With the defaults. */
interface Values
  extends
    Pick<RevragBullOptions, (typeof TIMES)[number]>,
    Required<Pick<RevragBullOptions, 'role' | 'attempts' | 'onStuck'>> {
  readonly queueName: string;
  readonly backoff: Required<RetryBackoffOptions>;
  readonly keepCompleted: Required<KeepJobsOptions>;
  readonly keepFailed: Required<KeepJobsOptions>;
}

/** @throws RevragConfigurationError for an option that does not exist, or no server */
export function checkGiven(given: RevragBullOptions, shared: Partial<QueueOptions>): void {
  if (typeof given !== 'object' || given === null) {
    throw invalid('the options must be an object. Likely cause: a factory that returns nothing.');
  }
  checkNames(given, KNOWN, '');
  const { backoff, keepCompleted, keepFailed } = given;
  checkNames(backoff, BACKOFF, 'backoff');
  checkNames(keepCompleted, KEEP, 'keepCompleted');
  checkNames(keepFailed, KEEP, 'keepFailed');
  for (const place of ['queue', 'worker'] as const) {
    for (const [name, cure] of Object.entries(RESERVED[place])) {
      if (!Object.hasOwn(given[place] ?? {}, name)) continue;
      throw invalid(`there is no option ${place}.${name}. Give the option ${cure} of the module.`);
    }
  }
  checkBackend(given, shared);
}

function checkNames(given: object | undefined, known: readonly string[], place: string): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null) throw invalid(`${place} must be an object.`);
  const unknown = Object.keys(given).find(key => !known.includes(key));
  if (unknown === undefined) return;
  throw invalid(`there is no option ${place && `${place}.`}${unknown}.`);
}

function checkBackend(given: RevragBullOptions, shared: Partial<QueueOptions>): void {
  if (given.connection !== undefined && given.postgres !== undefined) {
    throw invalid('give connection (Redis) or postgres, not both.');
  }
  if (!given.connection && !given.postgres && !shared.connection) {
    throw invalid(
      'no server is given for the queue. Give connection (Redis) or postgres, or import ' +
        'BullModule.forRoot({ connection }) of @nestjs/bullmq.',
    );
  }
  checkPool(given.postgres);
}

/** A connection that gets no answer keeps its place in a pool without this timeout, and a pool has few places. */
function checkPool(postgres: RevragBullOptions['postgres']): void {
  if (postgres === undefined || !bullmq.isPgPool(postgres)) return;
  const { options } = postgres as { options?: { connectionTimeoutMillis?: unknown } };
  if (!options || Number(options.connectionTimeoutMillis) > 0) return;
  throw invalid(
    'the pool of postgres needs connectionTimeoutMillis, such as 5_000. Without it, a connection that gets no ' +
      'answer keeps its place in the pool forever.',
  );
}

/** @throws RevragConfigurationError for a value that can't be used */
export function checkValues(options: Values): void {
  const { queueName, role, attempts, onStuck, backoff } = options;
  if (!/^[^:]+$/.test(queueName)) throw invalid('queueName must be a name without colons.');
  if (!['receive', 'work', 'both'].includes(role)) {
    throw invalid("role must be 'receive', 'work' or 'both'.");
  }
  if (!Number.isInteger(attempts) || attempts < 1) throw invalid('attempts must be 1 or more.');
  if (!['keep', 'release'].includes(onStuck)) throw invalid("onStuck must be 'keep' or 'release'.");
  for (const name of TIMES) {
    const value = options[name];
    if (value === undefined || (value !== 0 && isFrom0(value, MAX_TIMER_MS))) continue;
    throw invalid(`${name} must be milliseconds above 0, ${MAX_TIMER_MS} at most.`);
  }
  if (!['exponential', 'fixed'].includes(backoff.type)) {
    throw invalid("backoff.type must be 'exponential' or 'fixed'.");
  }
  if (!isFrom0(backoff.delay)) throw invalid('backoff.delay must be milliseconds.');
  if (!isFrom0(backoff.jitter, 1)) {
    throw invalid('backoff.jitter must be a number from 0 to 1.');
  }
  for (const name of ['keepCompleted', 'keepFailed'] as const) {
    const { age, count } = options[name];
    if (!isFrom0(age)) throw invalid(`${name}.age must be seconds.`);
    if (!Number.isInteger(count) || count < 0) throw invalid(`${name}.count must be 0 or more.`);
  }
}

/** Whether a value is a number from 0 to `max`. */
const isFrom0 = (value: unknown, max = Number.MAX_SAFE_INTEGER): boolean =>
  typeof value === 'number' && value >= 0 && value <= max;

const invalid = (problem: string): RevragConfigurationError =>
  new RevragConfigurationError(`RevragBullModule: ${problem}`);
