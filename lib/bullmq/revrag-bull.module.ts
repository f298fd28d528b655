import {
  Module,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type Provider,
} from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { getQueueToken, getSharedConfigToken } from '@nestjs/bullmq';
import type { QueueOptions } from 'bullmq';
import { Clock } from '../core/common/clock.js';
import { DeliverySink } from '../core/delivery/delivery-sink.js';
import { RevragCoreModule } from '../core/module/revrag-core.module.js';
import { RevragConfigurationError } from '../core/errors/revrag-configuration.error.js';
import { BullConnector } from './bull-connector.js';
import { logErrors } from './connection-log.js';
import { EventQueue } from './event-queue.js';
import { EventWorker } from './event-worker.js';
import { HandlerRunner } from './handler-runner.js';
import { JobProcessor } from './job-processor.js';
import { JobRuns } from './job-runs.js';
import { RevragQueueMonitor } from './revrag-queue-monitor.js';
import { QueueConnections } from './queue-connections.js';
import { QueueSink } from './queue-sink.js';
import { QueueUpkeep } from './queue-upkeep.js';
import { resolveBullOptions } from './resolve-bull-options.js';
import { RejectedRunner } from './rejected-runner.js';
import { RetentionSweeper } from './retention-sweeper.js';
import { RevragDeadLetters } from './revrag-dead-letters.js';
import { RunLimits } from './run-limits.js';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './revrag-bull.module-definition.js';
import type { RevragBullModuleOptions, RevragBullOptions } from './revrag-bull.options.js';
import { StoredEvents } from './stored-events.js';
import { BULL_OPTIONS, EVENT_QUEUE } from './tokens.js';

export type RevragBullAsyncOptions = RevragBullModuleOptions &
  ConfigurableModuleAsyncOptions<RevragBullOptions, 'createRevragBullOptions'>;

const DEFAULT_QUEUE = 'revrag-webhook';

/**
 * Puts a queue between the endpoints and the handlers: an event is persisted, the sender gets 202, and
 * workers run its handlers and retry each on its own. Import it beside `RevragWebhookModule`.
 */
@Module({})
export class RevragBullModule
  extends ConfigurableModuleClass
  implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  constructor(
    modules: ModulesContainer,
    private readonly connections: QueueConnections,
    private readonly worker: EventWorker,
    private readonly upkeep: QueueUpkeep,
  ) {
    super();
    const own = [...modules.values()].filter(({ metatype }) => metatype === RevragBullModule);
    if (own.length > 1) {
      throw new RevragConfigurationError(
        'RevragBullModule is imported twice. One queue serves all endpoints: import it once, in the root module.',
      );
    }
    // As in RevragCoreModule, and one further out: workers start last, and stop before anything that
    // their handlers use is destroyed.
    for (const module of own) module.distance = -2;
  }

  /** A queue on Redis or PostgreSQL, or on what `BullModule.forRoot()` is connected to. */
  static override forRoot(
    options: RevragBullOptions & RevragBullModuleOptions = {},
  ): DynamicModule {
    const { configKey, queueName, ...rest } = options;
    return queueModule(super.forRoot(rest), { configKey, queueName });
  }

  /** A queue whose options depend on injected values, such as those of ConfigService. */
  static override forRootAsync(options: RevragBullAsyncOptions): DynamicModule {
    const { configKey, queueName, ...rest } = options;
    return queueModule(super.forRootAsync(rest), { configKey, queueName });
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.connections.open();
    } catch (error) {
      await this.connections.close();
      throw error;
    }
    this.worker.takeJobs();
    this.upkeep.schedule();
  }

  async onModuleDestroy(): Promise<void> {
    this.upkeep.cancel();
    await this.worker.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.connections.close();
  }
}

function queueModule(
  base: DynamicModule,
  { configKey, queueName = DEFAULT_QUEUE }: RevragBullModuleOptions,
): DynamicModule {
  const queueToken = getQueueToken(queueName);
  const providers: Provider[] = [
    {
      provide: BULL_OPTIONS,
      inject: [MODULE_OPTIONS_TOKEN, { token: getSharedConfigToken(configKey), optional: true }],
      useFactory: (given: RevragBullOptions, shared?: QueueOptions) =>
        resolveBullOptions(given, queueName, shared),
    },
    {
      provide: EVENT_QUEUE,
      inject: [BullConnector, Clock],
      useFactory: (connector: BullConnector, clock: Clock) => {
        const queue = connector.queue();
        logErrors(queue, 'queue', clock);
        return queue;
      },
    },
    { provide: queueToken, useExisting: EVENT_QUEUE },
    { provide: DeliverySink, useClass: QueueSink },
    BullConnector,
    EventQueue,
    EventWorker,
    HandlerRunner,
    JobProcessor,
    JobRuns,
    QueueConnections,
    QueueUpkeep,
    RejectedRunner,
    StoredEvents,
    RetentionSweeper,
    RunLimits,
    RevragDeadLetters,
    RevragQueueMonitor,
  ];
  return {
    ...base,
    global: true,
    imports: [...(base.imports ?? []), RevragCoreModule],
    providers: [...(base.providers ?? []), ...providers],
    exports: [DeliverySink, RevragDeadLetters, RevragQueueMonitor, queueToken],
  };
}
