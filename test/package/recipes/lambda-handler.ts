import { NestFactory } from '@nestjs/core';
import { RevragWebhookService, toAnswer } from 'nestjs-revrag-webhook';
import { AppModule } from './app.module.js';

/** What API Gateway (REST and HTTP APIs) and function URLs have in common. */
interface HttpEvent {
  readonly headers: Readonly<Record<string, string | undefined>> | null;
  readonly body?: string | null;
  readonly isBase64Encoded: boolean;
}

// Booted once for each execution environment, and used by all requests that it serves.
const app = await NestFactory.createApplicationContext(AppModule);
const webhook = app.get(RevragWebhookService);

export async function handler(event: HttpEvent) {
  const rawBody = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  const outcome = await webhook.receive(rawBody, event.headers ?? {});
  const { statusCode, retryAfter, body } = toAnswer(outcome);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
  return { statusCode, headers, body: JSON.stringify(body) };
}
