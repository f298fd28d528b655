import 'reflect-metadata';
import { appendFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';

/** Notes its hooks in a file, which outlives the process. */
@Injectable()
class Hooks implements OnModuleDestroy, OnApplicationShutdown {
  onModuleDestroy(): void {
    appendFileSync(process.env.CLOSING_APP_HOOKS!, 'onModuleDestroy ');
  }

  onApplicationShutdown(): void {
    appendFileSync(process.env.CLOSING_APP_HOOKS!, 'onApplicationShutdown ');
  }
}

@Module({ imports: [RevragWebhookModule.forRoot('whsec_closing_app')], providers: [Hooks] })
class AppModule {}

const adapter = process.env.CLOSING_APP === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: false });
app.enableShutdownHooks();
await app.listen(0, '127.0.0.1');
const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
// Nothing else may keep the process alive.
process.send?.(port, () => process.disconnect());
