import { NestFactory } from '@nestjs/core';
import { RevragWebhookService } from 'nestjs-revrag-webhook';
import { AppModule } from './app.module.js';

// Booted once for each execution environment, and used by all requests that it serves.
const app = await NestFactory.createApplicationContext(AppModule);

export const webhook = app.get(RevragWebhookService);
