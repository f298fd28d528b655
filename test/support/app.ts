import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  INestApplication,
  ModuleMetadata,
  NestApplicationOptions,
  Type,
} from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { onTestFinished } from 'vitest';

export const SECRET = 'whsec_test_1c2f6a1e0d';

export type Platform = 'express' | 'fastify';

/**
 * The platform that apps are started on. Vitest runs test/e2e once for each (see vitest.config.ts); a
 * test for one of them is written `it.runIf(platform === 'express')(…)`.
 */
export const platform = (process.env.REVRAG_TEST_PLATFORM ?? 'express') as Platform;

/** As `main.ts` makes one, with no options. */
export const createAdapter = (of: Platform = platform): AbstractHttpAdapter =>
  of === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();

/** An app's root module, made on the spot. */
export function appModule(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class AppModule {}
  return AppModule;
}

export interface StartedApp {
  readonly app: INestApplication;
  readonly url: string;
}

/** Boots an app as `main.ts` would and listens on a free port; closed after the test. */
export async function startApp(
  metadata: ModuleMetadata,
  options: NestApplicationOptions = {},
  configure: (app: INestApplication) => void = () => undefined,
): Promise<StartedApp> {
  const app = await NestFactory.create(appModule(metadata), createAdapter(), {
    logger: false,
    abortOnError: false,
    ...options,
  });
  configure(app);
  return listen(app);
}

export async function listen(app: INestApplication): Promise<StartedApp> {
  onTestFinished(() => app.close());
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  // On a busy machine, fetch() would write to connections that the server is about to close after five seconds.
  server.keepAliveTimeout = 120_000;
  const { port } = server.address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}` };
}
