import type { ConnectionOptions, QueueOptions } from 'bullmq';
import { definedOf } from './defined-of.js';
import { checkGiven, checkValues } from './check-bull-options.js';
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
      | 'prefix'
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

const DEFAULT_PREFIX = 'bull';
const DAY_SECONDS = 24 * 60 * 60;
/** A job that ends its process so often is taken for the reason. */
const MAX_STALLED = 3;
/** BullMQ's default is six times as long, for which the jobs of a process that died would wait. */
const STALLED_INTERVAL_MS = 5_000;

/**
 * @param shared The configuration of `BullModule.forRoot()`, if there is one.
 * @throws RevragConfigurationError that names the option, the mistake and the cure
 */
export function resolveBullOptions(
  given: RevragBullOptions,
  queueName: string,
  shared: Partial<QueueOptions> = {},
): ResolvedBullOptions {
  checkGiven(given, shared);
  const { connection: sharedConnection, prefix, ...sharedQueue } = shared;
  const { role = 'both', attempts = 10, backoff = {}, queue = {}, worker = {} } = given;
  const { keepCompleted = {}, keepFailed = {}, persistTimeout = 5_000 } = given;
  const { shutdownTimeout = 10_000, progressTimeout = 60_000 } = given;
  const { graceTimeout = 60_000, onStuck = 'keep' } = given;
  const options: ResolvedBullOptions = {
    ...given,
    queueName,
    role,
    connection: given.connection ?? sharedConnection ?? {},
    prefix: given.prefix || prefix || DEFAULT_PREFIX,
    attempts,
    backoff: { type: 'exponential', delay: 5_000, jitter: 0.5, ...definedOf(backoff) },
    keepCompleted: { age: 3 * DAY_SECONDS, count: 100_000, ...definedOf(keepCompleted) },
    keepFailed: { age: 14 * DAY_SECONDS, count: 10_000, ...definedOf(keepFailed) },
    persistTimeout,
    shutdownTimeout,
    progressTimeout,
    graceTimeout,
    onStuck,
    queue: { ...sharedQueue, ...definedOf(queue) },
    worker: {
      concurrency: 10,
      maxStalledCount: Math.min(attempts, MAX_STALLED),
      stalledInterval: STALLED_INTERVAL_MS,
      ...definedOf(worker),
    },
  };
  checkValues(options);
  return options;
}
