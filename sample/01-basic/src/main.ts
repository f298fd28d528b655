import { NestFactory } from '@nestjs/core';

// A secret for the demonstration. Yours comes from the environment and is agreed on with RevRag.
const secret = (process.env.REVRAG_WEBHOOK_SECRET ??= 'whsec_demonstration');

const { AppModule } = await import('./app.module.js');
const { CallsService } = await import('./calls.service.js');
const { demonstrate, sendCommand } = await import('./demonstration.js');

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');

const url = `${await app.getUrl()}/webhooks/revrag`;
const allWell = await demonstrate(url, secret);
const calls = app.get(CallsService).size;
console.log(`\nFour deliveries, ${calls} call${calls === 1 ? '' : 's'} saved.`);

if (process.argv.includes('--once')) {
  await app.close();
  process.exitCode = allWell && calls === 1 ? 0 : 1;
} else {
  console.log(`\nListening on ${url}. Try next, in a second terminal:\n`);
  console.log(`  ${sendCommand(url, secret)}`);
}
