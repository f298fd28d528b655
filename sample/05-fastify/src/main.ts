import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';

// For the demonstration. Yours comes from the environment and is agreed on with RevRag.
const secret = (process.env.REVRAG_WEBHOOK_SECRET ??= 'whsec_demonstration');

const { AppModule } = await import('./app.module.js');
const { CallsService } = await import('./calls.service.js');

const once = process.argv.includes('--once');
const app = await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter());
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
const url = `${await app.getUrl()}/webhooks/revrag`;

// A transcript of 2 MB, twice what Fastify reads by default.
const messages = Array.from({ length: 2_000 }, () => ({
  role: 'user',
  content: 'x'.repeat(1_000),
}));
const { body, headers } = signDelivery({
  secret,
  body: callEnded({ transcription: { messages } }),
});
const response = await fetch(url, { method: 'POST', headers, body });
console.log(`    ${response.status} ${await response.text()}`);

if (once) {
  await app.close();
  process.exitCode = response.status === 200 && app.get(CallsService).saved.length === 1 ? 0 : 1;
} else {
  console.log(`\nListening on ${url}`);
}
