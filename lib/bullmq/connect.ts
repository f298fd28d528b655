import {
  PostgresQueueBackend,
  Queue,
  Worker,
  type BackendFactory,
  type ConnectionOptions,
  type Processor,
} from 'bullmq';
import type { JobData } from './event-job.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { RetryingPostgresConnection } from './retrying-postgres-connection.js';

export type EventQueueClient = Queue<JobData>;
export type EventWorkerClient = Worker<JobData>;

/** BullMQ's own waits up to 20 s between two attempts. */
const MAX_RECONNECT_DELAY_MS = 2_000;
const retryStrategy = (times: number): number => Math.min(100 * times, MAX_RECONNECT_DELAY_MS);

/** While Redis is away, a command fails at once rather than wait in memory with its payload. */
const FAIL_FAST = { enableOfflineQueue: false, maxRetriesPerRequest: 1 };

export function connectQueue(options: ResolvedBullOptions): EventQueueClient {
  const { queueName, queue, prefix } = options;
  const { connection, backend } = backendOf(options, FAIL_FAST);
  return new Queue(queueName, { ...queue, ...(prefix && { prefix }), connection }, backend);
}

export function connectWorker(
  options: ResolvedBullOptions,
  process: Processor<JobData>,
): EventWorkerClient {
  const { queueName, worker, prefix, keepCompleted, keepFailed, queue } = options;
  const { connection, backend } = backendOf(options);
  return new Worker(
    queueName,
    process,
    {
      telemetry: queue.telemetry,
      skipVersionCheck: queue.skipVersionCheck,
      ...worker,
      ...(prefix && { prefix }),
      connection,
      autorun: false,
      removeOnComplete: keepCompleted,
      removeOnFail: keepFailed,
    },
    backend,
  );
}

interface Backend {
  readonly connection: ConnectionOptions;
  /** Undefined for BullMQ's default, which an app may have set. */
  readonly backend: undefined;
}

function backendOf({ connection, postgres }: ResolvedBullOptions, redis: object = {}): Backend {
  if (postgres === undefined) {
    return {
      connection: isPlain(connection) ? { retryStrategy, ...connection, ...redis } : connection,
      backend: undefined,
    };
  }
  // BullMQ's types fix the backend when the queue's type is named; both have the same methods.
  const backend = createPostgresBackend as unknown as undefined;
  return { connection: postgres as ConnectionOptions, backend };
}

/** As BullMQ's `createPostgresBackend`, which makes the connection itself. */
const createPostgresBackend: BackendFactory<
  PostgresQueueBackend,
  ConstructorParameters<typeof RetryingPostgresConnection>[0]
> = (name, options, { withBlockingConnection } = {}) => {
  const connection = new RetryingPostgresConnection(options.connection);
  // BullMQ finds a queue's workers by the name of their connection.
  const listener = withBlockingConnection ? name : undefined;
  return new PostgresQueueBackend(connection, name, options, true, listener);
};

/** Options, not a client. */
const isPlain = (connection: unknown): connection is object =>
  typeof connection === 'object' &&
  connection !== null &&
  Object.getPrototypeOf(connection) === Object.prototype;
