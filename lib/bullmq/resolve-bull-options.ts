import type { ConnectionOptions, QueueOptions } from 'bullmq';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import type {
  KeepJobsOptions,
  RetryBackoffOptions,
  RevragBullOptions,
} from './revrag-bull.options.js';

export type ResolvedBullOptions = Omit<RevragBullOptions, 'backoff' | 'connection'> &
  Required<
    Pick<
      RevragBullOptions,
      | 'role'
      | 'attempts'
      | 'persistTimeout'
      | 'graceTimeout'
      | 'onStuck'
      | 'progressTimeout'
      | 'shutdownTimeout'
      | 'queue'
      | 'worker'
    >
  > & {
    readonly queueName: string;
    /** Not used where `postgres` is given. */
    readonly connection: ConnectionOptions;
    readonly backoff: Required<RetryBackoffOptions>;
    readonly keepCompleted: Required<KeepJobsOptions>;
    readonly keepFailed: Required<KeepJobsOptions>;
  };

const DAY_SECONDS = 24 * 60 * 60;
/** A job that ends its process so often is taken for the reason. */
const MAX_STALLED = 3;
/** BullMQ's default is six times as long, for which the jobs of a process that died would wait. */
const STALLED_INTERVAL_MS = 5_000;

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

const TIMES = [
  'persistTimeout',
  'shutdownTimeout',
  'handlerTimeout',
  'graceTimeout',
  'progressTimeout',
] as const;

/**
 * @param shared The configuration of `BullModule.forRoot()`, if there is one.
 * @throws RevragConfigurationError that names the option, the mistake and the cure
 */
export function resolveBullOptions(
  given: RevragBullOptions,
  queueName: string,
  shared: Partial<QueueOptions> = {},
): ResolvedBullOptions {
  const unknown = Object.keys(given).find(key => !(KNOWN as string[]).includes(key));
  if (unknown !== undefined) throw invalid(`there is no option ${unknown}.`);
  const { connection: sharedConnection, prefix, ...sharedQueue } = shared;
  const { role = 'both', attempts = 10, backoff = {}, queue, worker } = given;
  const { keepCompleted = {}, keepFailed = {}, persistTimeout = 5_000 } = given;
  const { shutdownTimeout = 10_000, progressTimeout = 60_000 } = given;
  const { graceTimeout = 60_000, onStuck = 'keep' } = given;
  const options: ResolvedBullOptions = {
    ...given,
    queueName,
    role,
    connection: given.connection ?? sharedConnection ?? {},
    prefix: given.prefix ?? prefix,
    attempts,
    backoff: { type: 'exponential', delay: 5_000, jitter: 0.5, ...backoff },
    keepCompleted: { age: 3 * DAY_SECONDS, count: 100_000, ...keepCompleted },
    keepFailed: { age: 14 * DAY_SECONDS, count: 10_000, ...keepFailed },
    persistTimeout,
    shutdownTimeout,
    progressTimeout,
    graceTimeout,
    onStuck,
    queue: { ...sharedQueue, ...queue },
    worker: {
      concurrency: 10,
      maxStalledCount: Math.min(attempts, MAX_STALLED),
      stalledInterval: STALLED_INTERVAL_MS,
      ...worker,
    },
  };
  checkBackend(given, shared);
  checkValues(options);
  return options;
}

function checkValues(options: ResolvedBullOptions): void {
  const { queueName, role, attempts, onStuck } = options;
  if (!/^[^:]+$/.test(queueName)) throw invalid('queueName must be a name without colons.');
  if (!['receive', 'work', 'both'].includes(role)) {
    throw invalid("role must be 'receive', 'work' or 'both'.");
  }
  if (!Number.isInteger(attempts) || attempts < 1) throw invalid('attempts must be 1 or more.');
  if (!['keep', 'release'].includes(onStuck)) throw invalid("onStuck must be 'keep' or 'release'.");
  for (const name of TIMES) {
    const value = options[name];
    if (value !== undefined && !(value > 0)) throw invalid(`${name} must be milliseconds above 0.`);
  }
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
}

const invalid = (problem: string): RevragConfigurationError =>
  new RevragConfigurationError(`RevragBullModule: ${problem}`);
