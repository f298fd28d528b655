import type {
  ConnectionOptions,
  PostgresConnectionOptions,
  QueueOptions,
  WorkerOptions,
} from 'bullmq';

/** What a process does with the queue. */
export type RevragBullRole =
  /** Persists what it receives; runs no handler. */
  | 'receive'
  /** Runs handlers. If it has an endpoint, it persists what that receives. */
  | 'work'
  | 'both';

/** Which finished jobs stay. If both bounds are given, both hold. */
export interface KeepJobsOptions {
  /** Seconds. */
  age?: number;
  count?: number;
}

/** Waits between the runs of a handler that fails. */
export interface RetryBackoffOptions {
  /** @default 'exponential' */
  type?: 'exponential' | 'fixed';
  /**
   * Milliseconds before the second run.
   *
   * @default 5_000
   */
  delay?: number;
  /**
   * The random part of each wait, 0 to 1, so that jobs that failed together are not retried together.
   *
   * @default 0.5
   */
  jitter?: number;
}

/** Options that may depend on injected values. */
export interface RevragBullOptions {
  /** @default 'both' */
  role?: RevragBullRole;
  /**
   * Redis: options of ioredis (`{ host, port }`, `{ url }`), or a client, whose options the queue uses
   * for its own connections. These have a `socketTimeout` and a `connectTimeout` even if the options give none,
   * so that they notice a server that has fallen silent. `keyPrefix` is refused: BullMQ does not
   * support it.
   *
   * @default that of `BullModule.forRoot()`, of the `configKey` if there is one
   */
  connection?: ConnectionOptions;
  /**
   * PostgreSQL in place of Redis: a URL, a pool's options, with `schema` for another than `bullmq`, or
   * a `pg.Pool`, which needs `connectionTimeoutMillis`. Tables are created and migrated at the first use, unless
   * `migrate: false` or a pool is given. A query fails after `query_timeout` (10 s). Workers need sessions: no
   * pooler in transaction mode.
   */
  postgres?: PostgresConnectionOptions;
  /**
   * Prefix of the keys in Redis. In a cluster it needs braces, such as `'{bull}'`.
   *
   * @default 'bull', or that of `BullModule.forRoot()`
   */
  prefix?: string;
  /**
   * How often a handler runs for an event, at most, before its job becomes a dead letter.
   *
   * @default 10
   */
  attempts?: number;
  /** @default exponential from 5 s, half of each wait random: ten attempts in about half an hour */
  backoff?: RetryBackoffOptions;
  /**
   * How long the queue remembers that a handler has finished an event, so that the event does not run it again
   * if it is persisted again. Only a record stays: the payload is removed when the handler finishes.
   *
   * @default 3 days, 100_000 records
   */
  keepCompleted?: KeepJobsOptions;
  /**
   * How long dead letters stay, with their payload.
   *
   * @default 14 days, 10_000 jobs
   */
  keepFailed?: KeepJobsOptions;
  /**
   * How long a delivery may take to be persisted before the sender gets 503, in milliseconds.
   *
   * @default 5_000
   */
  persistTimeout?: number;
  /**
   * How long a handler may run in a worker before its signal aborts, in milliseconds. Its job stays active until
   * the handler settles, for `graceTimeout` at most.
   *
   * @default none
   */
  handlerTimeout?: number;
  /**
   * How long a handler may take to settle after `handlerTimeout`, in milliseconds. Then it is stuck: the log
   * says so, and the worker's slot is free for other jobs.
   *
   * @default 60_000
   */
  graceTimeout?: number;
  /**
   * What becomes of the job of a handler that is stuck. `'keep'`: a dead letter, so that the handler does not run
   * again by itself. `'release'`: a retry, which may overlap with the run that is stuck.
   *
   * @default 'keep'
   */
  onStuck?: 'keep' | 'release';
  /**
   * How long jobs may wait while no worker takes one before the log warns and `RevragQueueMonitor` reports
   * `isStuck`, in milliseconds.
   *
   * @default 60_000
   */
  progressTimeout?: number;
  /**
   * How long closing the app waits for handlers that run in a worker, in milliseconds.
   *
   * @default 10_000
   */
  shutdownTimeout?: number;
  /** Further options of BullMQ's `Queue`. */
  queue?: Omit<QueueOptions, 'connection' | 'prefix' | 'defaultJobOptions'>;
  /**
   * Further options of BullMQ's `Worker`, such as `concurrency`, `limiter` and `lockDuration`.
   *
   * @default { concurrency: 10, stalledInterval: 5_000, maxStalledCount: 3, or attempts if that is less }
   */
  worker?: Omit<
    WorkerOptions,
    'connection' | 'prefix' | 'autorun' | 'removeOnComplete' | 'removeOnFail'
  >;
}

/** Options of the module itself. They cannot depend on injected values. */
export interface RevragBullModuleOptions {
  /** Which of the configurations of `BullModule.forRoot(configKey, …)` to use. */
  configKey?: string;
  /**
   * Name of the queue; `@InjectQueue(queueName)` gives BullMQ's `Queue`.
   *
   * @default 'revrag-webhook'
   */
  queueName?: string;
}

/** For `useClass` and `useExisting` of `forRootAsync()`. */
export interface RevragBullOptionsFactory {
  createRevragBullOptions(): RevragBullOptions | Promise<RevragBullOptions>;
}
