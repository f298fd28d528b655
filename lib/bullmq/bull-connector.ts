import { Inject, Injectable } from '@nestjs/common';
import type {
  BackendFactory,
  ConnectionOptions,
  PostgresConnectionOptions,
  PostgresQueueBackend,
  Processor,
  Queue,
  Worker,
} from 'bullmq';
import { Clock } from '../core/common/clock.js';
import { within } from '../core/common/within.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import type { JobData } from './event-job.js';
import { GuardedPostgresConnection } from './guarded-postgres-connection.js';
import { RedisConnections } from './redis-connections.js';
import type { ResolvedBullOptions } from './resolve-bull-options.js';
import { bullmq } from './supported-bullmq.js';
import { BULL_OPTIONS } from './tokens.js';

export type EventQueueClient = Queue<JobData>;
export type EventWorkerClient = Worker<JobData>;

/** How long the boot waits for PostgreSQL, in milliseconds. */
const BOOT_PATIENCE_MS = 5_000;

/** Creates BullMQ's queue and worker on the backend that the options name. */
@Injectable()
export class BullConnector {
  private readonly redis: RedisConnections;
  /** Undefined for BullMQ's default, which an app may have set. */
  private readonly backend: undefined;

  constructor(
    @Inject(BULL_OPTIONS) private readonly options: ResolvedBullOptions,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.redis = new RedisConnections(options, clock);
    if (options.postgres === undefined) return;
    // BullMQ's types fix the backend when the queue's type is named; both have the same methods.
    this.backend = postgresBackend(clock) as unknown as undefined;
  }

  queue(): EventQueueClient {
    const { queueName, queue, prefix, postgres } = this.options;
    const connection = (postgres ?? this.redis.adding()) as ConnectionOptions;
    const options = {
      // A check that fails would leave the queue unusable. Workers check the version.
      skipVersionCheck: true,
      ...queue,
      prefix,
      connection,
      // Those of BullModule.forRoot() are for the app's own jobs: here they might remove dead letters.
      defaultJobOptions: {},
    };
    return new bullmq.Queue(queueName, options, this.backend);
  }

  worker(process: Processor<JobData>): EventWorkerClient {
    const { queueName, worker, prefix, keepCompleted, keepFailed, queue, postgres } = this.options;
    const options = {
      telemetry: queue.telemetry,
      skipVersionCheck: queue.skipVersionCheck,
      ...worker,
      prefix,
      connection: (postgres ?? this.redis.working()) as ConnectionOptions,
      autorun: false,
      removeOnComplete: keepCompleted,
      removeOnFail: keepFailed,
    };
    return new bullmq.Worker(queueName, process, options, this.backend);
  }

  /**
   * Resolves when a queue or worker is ready, or can't be yet: an app starts without its queue.
   *
   * @throws RevragConfigurationError if PostgreSQL says that it can't serve it
   */
  async check(bull: EventQueueClient | EventWorkerClient): Promise<void> {
    if (this.options.postgres === undefined) return;
    try {
      await within(bull.waitUntilReady(), BOOT_PATIENCE_MS, this.clock);
    } catch (error) {
      // Anything else is an error of each operation.
      if (error instanceof RevragConfigurationError) throw error;
    }
  }

  /** From here on, a lost connection stays lost, or it would keep the process alive. */
  stopReconnecting(): void {
    this.redis.stopReconnecting();
  }

  /** Closes what BullMQ leaves open. */
  close(): void {
    this.redis.close();
  }
}

/** As BullMQ's `createPostgresBackend`, which creates the connection itself. */
const postgresBackend =
  (clock: Clock): BackendFactory<PostgresQueueBackend, PostgresConnectionOptions> =>
  (name, options, { withBlockingConnection: listens = false } = {}) => {
    // BullMQ finds a queue's workers by the name of their connection.
    const listenName = listens ? name : undefined;
    const connection = new GuardedPostgresConnection(options.connection, { clock, listenName });
    return new RetryingPostgresBackend(connection, name, options);
  };

/** BullMQ's own never retries if PostgreSQL could not be reached when the app started. */
class RetryingPostgresBackend extends bullmq.PostgresQueueBackend {
  constructor(
    private readonly guarded: GuardedPostgresConnection,
    ...[name, options]: [string, ConstructorParameters<typeof PostgresQueueBackend>[2]]
  ) {
    super(guarded, name, options);
  }

  override waitUntilReady(): Promise<void> {
    return this.guarded.waitUntilReady();
  }
}
