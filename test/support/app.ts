import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  INestApplication,
  ModuleMetadata,
  NestApplicationOptions,
  Type,
} from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach } from 'vitest';

export const SECRET = 'whsec_test_1c2f6a1e0d';

const running = new Set<INestApplication>();

afterEach(async () => {
  for (const app of running) await app.close();
  running.clear();
});

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
  const app = await NestFactory.create(appModule(metadata), {
    logger: false,
    abortOnError: false,
    ...options,
  });
  configure(app);
  return listen(app);
}

export async function listen(app: INestApplication): Promise<StartedApp> {
  running.add(app);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { app, url: `http://127.0.0.1:${port}` };
}
