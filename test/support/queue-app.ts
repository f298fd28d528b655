import { randomUUID } from 'node:crypto';
import { Injectable, type ModuleMetadata, type NestApplicationOptions } from '@nestjs/common';
import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { CallEndedDto, Delivery, OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import {
  RevragBullModule,
  RevragDeadLetters,
  type RevragBullModuleOptions,
  type RevragBullOptions,
} from 'nestjs-revrag-webhook/bullmq';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { SECRET, startApp, type StartedApp } from './app.js';

export type QueueBackend = Pick<RevragBullOptions, 'connection' | 'postgres'>;

/** Retries soon, and notices soon that a lock has ended. No lock ends by itself during a test: a busy machine would lose it. */
export const SOON: RevragBullOptions = {
  attempts: 3,
  backoff: { type: 'fixed', delay: 50, jitter: 0 },
  worker: { stalledInterval: 500, runRetryDelay: 500, drainDelay: 1 },
};

export const newQueueName = (): string => `test-${randomUUID()}`;

export interface QueueApp extends StartedApp {
  readonly queue: Queue;
  readonly deadLetters: RevragDeadLetters;
}

/** An app with a queue of its own, unless it is given the name of one. */
export async function startQueueApp(
  options: RevragBullOptions & RevragBullModuleOptions,
  metadata: Pick<ModuleMetadata, 'providers' | 'imports'> = {},
  nest: NestApplicationOptions = {},
): Promise<QueueApp> {
  const queueName = options.queueName ?? newQueueName();
  const started = await startApp(
    {
      imports: [
        RevragWebhookModule.forRoot(SECRET),
        RevragBullModule.forRoot({ ...SOON, ...options, queueName }),
        ...(metadata.imports ?? []),
      ],
      providers: metadata.providers,
    },
    nest,
  );
  const queue = started.app.get<Queue>(getQueueToken(queueName));
  return { ...started, queue, deadLetters: started.app.get(RevragDeadLetters) };
}

/** A delivery of a call of its own: the same bytes under another id would be known as a replay. */
export const ofCall = (id: string) => ({ id, body: callEnded({ call_id: id }) });

export interface Run {
  readonly handler: 'save' | 'bill';
  readonly call: CallEndedDto;
  readonly delivery: Delivery;
}

/** Two handlers that note their runs, and fail for as long as they are told to. */
export function createHandlers() {
  @Injectable()
  class Calls {
    readonly runs: Run[] = [];
    readonly failures = { save: 0, bill: 0 };
    /** Awaited by each run. */
    gate: Promise<unknown> | undefined;

    @OnCallEnded({ id: 'save' })
    save(call: CallEndedDto, delivery: Delivery) {
      return this.run({ handler: 'save', call, delivery });
    }

    @OnCallEnded({ id: 'bill' })
    bill(call: CallEndedDto, delivery: Delivery) {
      return this.run({ handler: 'bill', call, delivery });
    }

    of(handler: Run['handler']): Run[] {
      return this.runs.filter(run => run.handler === handler);
    }

    private async run(run: Run) {
      this.runs.push(run);
      await this.gate;
      if (this.failures[run.handler] > 0) {
        this.failures[run.handler] -= 1;
        throw new Error(`${run.handler} has failed`);
      }
    }
  }
  return Calls;
}

/** An app with a queue of its own and the two handlers. */
export async function startCalls(
  options: Parameters<typeof startQueueApp>[0],
  nest: NestApplicationOptions = {},
) {
  const Calls = createHandlers();
  const started = await startQueueApp(options, { providers: [Calls] }, nest);
  return { ...started, calls: started.app.get(Calls) };
}
