import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RevragWebhookModule } from 'nestjs-revrag-webhook';
import { SECRET } from './schemes.mjs';

/** An app without HTTP. */
export async function createApp() {
  class AppModule {}
  Module({ imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false })] })(AppModule);
  return NestFactory.createApplicationContext(AppModule, { logger: false });
}
