import { Inject, Injectable } from '@nestjs/common';
import type {
  BackendFactory,
  ConnectionOptions,
  PostgresQueueBackend,
  Processor,
  Queue,
  RedisOptions,
  Worker,
} from 'bullmq';
import type { JobData } from './event-job.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { RetryingPostgresConnection } from './retrying-postgres-connection.js';
import { bullmq } from './supported-bullmq.js';
import { BULL_OPTIONS } from './tokens.js';

export type EventQueueClient = Queue<JobData>;
export type EventWorkerClient = Worker<JobData>;

/** BullMQ's own waits up to 20 s between two attempts. */
const MAX_RECONNECT_DELAY_MS = 2_000;

/** While Redis is away, a command fails at once rather than wait in memory with its payload. */
const FAIL_FAST = { enableOfflineQueue: false, maxRetriesPerRequest: 1 };

type RetryStrategy = NonNullable<RedisOptions['retryStrategy']>;

interface Backend {
  readonly connection: ConnectionOptions;
  /** Undefined for BullMQ's default, which an app may have set. */
  readonly backend: undefined;
}

/** Makes BullMQ's objects, on the backend that the options name. */
@Injectable()
export class BullConnector {
  private isClosing = false;

  constructor(@Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions) {}

  queue(): EventQueueClient {
    const { queueName, queue, prefix } = this.options;
    const { connection, backend } = this.backend(FAIL_FAST);
    return new bullmq.Queue(
      queueName,
      { ...queue, ...(prefix && { prefix }), connection },
      backend,
    );
  }

  worker(process: Processor<JobData>): EventWorkerClient {
    const { queueName, worker, prefix, keepCompleted, keepFailed, queue } = this.options;
    const { connection, backend } = this.backend();
    const options = {
      telemetry: queue.telemetry,
      skipVersionCheck: queue.skipVersionCheck,
      ...worker,
      ...(prefix && { prefix }),
      connection,
      autorun: false,
      removeOnComplete: keepCompleted,
      removeOnFail: keepFailed,
    };
    return new bullmq.Worker(queueName, process, options, backend);
  }

  /** From here on a connection that is lost stays lost, or it would keep the process alive. */
  giveUp(): void {
    this.isClosing = true;
  }

  private backend(redis: object = {}): Backend {
    const { connection, postgres } = this.options;
    if (postgres !== undefined) {
      // BullMQ's types fix the backend when the queue's type is named; both have the same methods.
      const backend = createPostgresBackend as unknown as undefined;
      return { connection: postgres as ConnectionOptions, backend };
    }
    if (!isPlain(connection)) return { connection, backend: undefined };
    const { retryStrategy = reconnect } = connection;
    const untilClosing: RetryStrategy = times => (this.isClosing ? null : retryStrategy(times));
    return {
      connection: { ...connection, ...redis, retryStrategy: untilClosing },
      backend: undefined,
    };
  }
}

const reconnect: RetryStrategy = times => Math.min(100 * times, MAX_RECONNECT_DELAY_MS);

/** As BullMQ's `createPostgresBackend`, which makes the connection itself. */
const createPostgresBackend: BackendFactory<
  PostgresQueueBackend,
  ConstructorParameters<typeof RetryingPostgresConnection>[0]
> = (name, options, { withBlockingConnection } = {}) => {
  const connection = new RetryingPostgresConnection(options.connection);
  // BullMQ finds a queue's workers by the name of their connection.
  const listener = withBlockingConnection ? name : undefined;
  return new bullmq.PostgresQueueBackend(connection, name, options, true, listener);
};

/** Options, not a client. */
const isPlain = (connection: unknown): connection is { retryStrategy?: RetryStrategy } =>
  typeof connection === 'object' &&
  connection !== null &&
  Object.getPrototypeOf(connection) === Object.prototype;
