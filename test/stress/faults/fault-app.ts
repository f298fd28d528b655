// One instance of an app, as a process of its own. Its effects are lines of a file that all instances share.
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  OnCallEnded,
  RevragWebhookModule,
  type CallEndedDto,
  type Delivery,
} from 'nestjs-revrag-webhook';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';

const env = process.env as Readonly<
  Record<'SECRET' | 'STORE' | 'EFFECTS' | 'LEASE' | 'PORT', string>
>;

const note = (what: string, handler: string, call: CallEndedDto) =>
  appendFileSync(env.EFFECTS, `${what} ${handler} ${call.call_id} ${process.pid}\n`);

/** How long a handler takes, as the call says; by default a moment. */
const takes = (call: CallEndedDto, field: string) => delay(Number(call.extra[field] ?? 2));

@Injectable()
class Effects {
  @OnCallEnded()
  async ledger(call: CallEndedDto) {
    await this.act('ledger', call);
  }

  @OnCallEnded()
  async crm(call: CallEndedDto, delivery: Delivery) {
    await this.act('crm', call, delivery);
  }

  private async act(handler: string, call: CallEndedDto, delivery?: Delivery): Promise<void> {
    note('start', handler, call);
    await takes(call, `${handler}_ms`);
    note('effect', handler, call);
    if (delivery?.signal.aborted) note('aborted', handler, call);
  }
}

const store = new RedisIdempotencyStore(env.STORE);

@Module({
  imports: [
    RevragWebhookModule.forRoot({
      secret: env.SECRET,
      idempotency: { store, lease: Number(env.LEASE) },
    }),
  ],
  providers: [Effects],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error', 'fatal'] });
app.enableShutdownHooks();
await app.listen(Number(env.PORT), '127.0.0.1');

/** Heap in use after garbage is gone, and what keeps the process alive. */
process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ memory: heapUsed + external, resources: process.getActiveResourcesInfo() });
});
process.send?.('ready');
