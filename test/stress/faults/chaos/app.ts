// One process of an app under chaos. What its handlers do is a line of a file that outlives the process.
import 'reflect-metadata';
import { openSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Cluster, Redis } from 'ioredis';
import {
  OnCallEnded,
  RevragWebhookModule,
  type CallEndedDto,
  type IdempotencyStore,
} from 'nestjs-revrag-webhook';
import { RevragBullModule, type RevragBullOptions } from 'nestjs-revrag-webhook/bullmq';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';

/** What the test tells a process. */
export interface ChaosAppConfig {
  readonly secret: string;
  readonly log: string;
  /** Seconds. */
  readonly lease: number;
  readonly handlers: readonly string[];
  /** In memory where none is given. */
  readonly store?:
    | { readonly redis: string }
    | { readonly postgres: string }
    | { readonly sentinel: number; readonly name: string }
    | { readonly cluster: readonly number[] };
  readonly queue?: RevragBullOptions;
}

const STORE_TIMEOUT_MS = 1_000;
/** A pause as long as this is worth a note. */
const STALL_MS = 400;

const config = JSON.parse(process.env.CHAOS_APP ?? '{}') as ChaosAppConfig;
const file = openSync(config.log, 'a');
const { pid } = process;
// As in history.ts, of which this process knows nothing.
const now = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
const note = (line: object) => writeSync(file, `${JSON.stringify({ pid, ...line })}\n`);

/** How far the wall clock of this process is ahead; monotonic clocks and timers know nothing of it. */
let step = 0;
const trueNow = Date.now.bind(Date);
Date.now = () => trueNow() + step;
globalThis.Date = new Proxy(Date, {
  construct: (target, args: [], subclass) =>
    Reflect.construct(target, args.length > 0 ? args : [target.now()], subclass) as Date,
});

let runs = 0;
const failedBefore = new Set<string>();

async function act(handler: string, { call_id: call, extra }: CallEndedDto): Promise<void> {
  const run = `${pid}.${(runs += 1)}`;
  const tell = (what: string) => note({ what, run, handler, call, at: now() });
  tell('start');
  await delay(Number(extra.takes ?? 5));
  // Once in each process.
  if (extra.fails === handler && !failedBefore.has(call)) {
    failedBefore.add(call);
    tell('failed');
    throw new Error('as the test wants it');
  }
  tell('effect');
}

function handlerClass(id: string): Type {
  @Injectable()
  class Effect {
    @OnCallEnded({ id })
    run(call: CallEndedDto): Promise<void> {
      return act(id, call);
    }
  }
  return Effect;
}

function makeStore(): IdempotencyStore | undefined {
  const { store } = config;
  const options = { timeout: STORE_TIMEOUT_MS };
  if (!store) return undefined;
  if ('redis' in store) return new RedisIdempotencyStore(store.redis, options);
  if ('postgres' in store) return new PostgresIdempotencyStore(store.postgres, options);
  const client = 'cluster' in store ? clusterOf(store.cluster) : behindSentinel(store);
  client.on('error', () => undefined);
  return new RedisIdempotencyStore(client, options);
}

const clusterOf = (ports: readonly number[]): Cluster =>
  new Cluster(ports.map(port => ({ host: '127.0.0.1', port })));

const behindSentinel = (store: { sentinel: number; name: string }): Redis =>
  new Redis({
    sentinels: [{ host: '127.0.0.1', port: store.sentinel }],
    name: store.name,
    sentinelCommandTimeout: 5_000,
    failoverDetector: true,
  });

const imports: DynamicModule[] = [
  RevragWebhookModule.forRoot({
    secret: config.secret,
    idempotency: { store: makeStore(), lease: config.lease },
  }),
];
if (config.queue) imports.push(RevragBullModule.forRoot(config.queue));

@Module({ imports, providers: config.handlers.map(handlerClass) })
class AppModule {}

let last = now();
setInterval(() => {
  const at = now();
  if (at - last > STALL_MS) note({ what: 'stall', from: last, to: at });
  last = at;
}, 50).unref();
setInterval(() => note({ what: 'memory', rss: process.memoryUsage.rss() }), 500).unref();

// Of a parent that is gone, nothing may be left.
process.on('disconnect', () => process.exit());
process.on('message', ({ block, clock }: { block?: number; clock?: number }) => {
  step = clock ?? step;
  const end = now() + (block ?? 0);
  while (now() < end);
});

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error', 'fatal'] });
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT), '127.0.0.1');
process.send?.('ready');
