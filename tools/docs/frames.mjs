// What stands around a fragment of the documents, so that it compiles: above a block,
// <!-- check-docs: frame=<name> --> takes the frame of that name. BLOCK is where the block goes.

/** A method of a class that the block decorates. */
const handler = `
import { OnCallEnded, OnRevragEvent, type Delivery } from 'nestjs-revrag-webhook';
export class Handlers {
BLOCK
  handle(payload: unknown, delivery: Delivery): void {}
}`;

/** What imports the module, in a file that has imported what it needs. */
const module = `
import { Controller, HttpCode, Injectable, Module, Post } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { SkipThrottle } from '@nestjs/throttler';
import {
  CallEndedDto,
  OnCallEnded,
  RevragDelivery,
  RevragEndpoint,
  RevragEventPipe,
  RevragWebhookModule,
  type RevragEvent,
} from 'nestjs-revrag-webhook';
import { RevragBullModule } from 'nestjs-revrag-webhook/bullmq';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import type { IdempotencyStore } from 'nestjs-revrag-webhook';
declare const store: IdempotencyStore;
declare const Public: () => ClassDecorator;
declare const secret: string;
@Injectable()
class Calls {
  @OnCallEnded()
  save(call: CallEndedDto): void {}
}
BLOCK
export {};`;

/** An app with agents of its own, each with a secret. */
const agents = `
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
declare const agents: { secretOf(agent: string | undefined): Promise<string | undefined> };
BLOCK
export {};`;

/** Calls of RevragWebhookService. */
const service = `
import type { RevragWebhookService, WebhookHeaders } from 'nestjs-revrag-webhook';
declare const webhook: RevragWebhookService;
declare const rawBody: Buffer;
declare const headers: WebhookHeaders;
BLOCK
export {};`;

/** A script that has a secret and the URL of an app. */
const sender = `
declare const secret: string;
declare const url: string;
BLOCK`;

/** main.ts of an app on Fastify. */
const fastify = `
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
@Module({})
class AppModule {}
BLOCK`;

/** A module's file that has imported what belongs to OpenAPI elsewhere. */
const swagger = `
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
BLOCK`;

/** A test file, with a handler to test and the app that it is in. */
const test = `
import { Injectable, Module } from '@nestjs/common';
import { CallEndedDto, Delivery, OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { afterAll, beforeAll, expect, it } from 'vitest';
interface CallsRepository {
  insert(call: CallEndedDto): Promise<void>;
  count(): Promise<number>;
}
declare const repository: CallsRepository;
@Injectable()
class Calls {
  constructor(private readonly repository: CallsRepository) {}

  @OnCallEnded()
  async save(call: CallEndedDto, delivery?: Delivery): Promise<void> {
    if (!delivery?.signal.aborted) await this.repository.insert(call);
  }
}
@Module({ imports: [RevragWebhookModule.forRoot(process.env.REVRAG_WEBHOOK_SECRET)] })
class AppModule {}
BLOCK`;

/** The body of a handler that has a pool and a store of PostgreSQL. */
const transaction = `
import type { Delivery } from 'nestjs-revrag-webhook';
import type { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import type { Pool } from 'pg';
export abstract class CallsService {
  protected abstract readonly pool: Pool;
  protected abstract readonly store: PostgresIdempotencyStore;
  async save(delivery: Delivery): Promise<void> {
BLOCK
  }
}`;

/** What a handler does with its call. */
const call = `
import type { CallEndedDto } from 'nestjs-revrag-webhook';
declare const call: CallEndedDto;
declare const accounts: { has(id: string | null | undefined): Promise<boolean> };
declare function notify(whom: string): Promise<void>;
BLOCK
export {};`;

/** The body of a handler that writes what it was given into PostgreSQL. */
const insertion = `
import type { CallEndedDto } from 'nestjs-revrag-webhook';
import { postgresJson, postgresText } from 'nestjs-revrag-webhook/postgres';
import type { Pool } from 'pg';
export abstract class CallsService {
  protected abstract readonly pool: Pool;
  async save(call: CallEndedDto): Promise<void> {
BLOCK
  }
}`;

/** The body of a handler that has a store of PostgreSQL, and Drizzle. */
const drizzle = `
import { sql } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { CallEndedDto, Delivery } from 'nestjs-revrag-webhook';
import type { PostgresIdempotencyStore, RunStatement } from 'nestjs-revrag-webhook/postgres';
export async function save(
  db: NodePgDatabase,
  store: PostgresIdempotencyStore,
  call: CallEndedDto,
  delivery: Delivery,
): Promise<void> {
BLOCK
}`;

export const frames = {
  agents,
  call,
  drizzle,
  fastify,
  handler,
  insertion,
  module,
  sender,
  service,
  swagger,
  test,
  transaction,
};
