import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import { findRedis } from './redis.js';

// For the demonstration. Yours come from the environment.
const secret = (process.env.REVRAG_WEBHOOK_SECRET ??= 'whsec_demonstration');
const password = (process.env.BOARD_PASSWORD ??= 'board');
const redis = await findRedis();
process.env.REDIS_URL = redis.url;

const { AppModule } = await import('./app.module.js');
const { CallsService } = await import('./calls.service.js');

const once = process.argv.includes('--once');
const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(once ? 0 : (process.env.PORT ?? 3000), '127.0.0.1');
const url = await app.getUrl();

const { body, headers } = signDelivery({ secret, body: callEnded() });
const response = await fetch(`${url}/webhooks/revrag`, { method: 'POST', headers, body });
console.log(`\n    ${response.status} ${await response.text()}\n`);

const { saved, informed } = app.get(CallsService);
for (let tries = 0; tries < 100 && informed.length === 0; tries += 1) await delay(100);

if (once) {
  await app.close();
  redis.stop();
  process.exitCode = response.status === 202 && saved.length + informed.length === 2 ? 0 : 1;
} else {
  console.log(`\nThe jobs: ${url}/queues, password "${password}"`);
}
