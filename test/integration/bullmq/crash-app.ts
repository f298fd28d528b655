import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CallEndedDto, OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { RevragBullModule, type RevragBullOptions } from 'nestjs-revrag-webhook/bullmq';

/** What the test tells a process of this app. */
export interface CrashAppConfig {
  readonly secret: string;
  readonly effects: string;
  readonly queueName: string;
  readonly bull: RevragBullOptions;
}

const { secret, effects, queueName, bull } = JSON.parse(
  process.env.CRASH_APP ?? '{}',
) as CrashAppConfig;

/** An effect is a line in a file, which outlives the process. */
@Injectable()
class Calls {
  @OnCallEnded({ id: 'save' })
  async save({ call_id }: CallEndedDto) {
    await delay(20);
    if (call_id === 'poison') process.exit(1);
    appendFileSync(effects, `save ${call_id}\n`);
  }

  @OnCallEnded({ id: 'bill' })
  async bill({ call_id }: CallEndedDto) {
    await delay(60);
    appendFileSync(effects, `bill ${call_id}\n`);
  }
}

@Module({
  imports: [RevragWebhookModule.forRoot(secret), RevragBullModule.forRoot({ ...bull, queueName })],
  providers: [Calls],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
app.enableShutdownHooks();
await app.listen(0, '127.0.0.1');
const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
process.send?.(port);
// Of a parent that is gone, nothing may be left.
process.on('disconnect', () => process.exit());
