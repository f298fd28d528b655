import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RevragWebhookModule, getRevragWebhookToken } from 'nestjs-revrag-webhook';
import { SECRET } from './schemes.mjs';

/** The RevragWebhookService of an app without HTTP. */
export async function createService() {
  class AppModule {}
  Module({ imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false })] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return app.get(getRevragWebhookToken());
}
