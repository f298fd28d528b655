import { setTimeout as delay } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { sendCalls } from './demonstration.js';
import { servePage } from './serve-page.js';

// For the demonstration. Yours comes from the environment and is agreed on with RevRag.
const secret = (process.env.REVRAG_WEBHOOK_SECRET ??= 'whsec_demonstration');

const { AppModule } = await import('./app.module.js');
const { CallsService } = await import('./calls.service.js');

const once = process.argv.includes('--once');
const app = await NestFactory.create<NestExpressApplication>(AppModule, {
  // The pages' streams stay open: closing the app must not wait for them.
  forceCloseConnections: true,
});
servePage(app);
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
const url = await app.getUrl();
console.log(`\nThe page: ${url}\n`);

const sent = await sendCalls(`${url}/webhooks/revrag`, secret, () => delay(once ? 0 : 3_000));
if (once) {
  await app.close();
  process.exitCode = app.get(CallsService).saved.size === sent ? 0 : 1;
}
