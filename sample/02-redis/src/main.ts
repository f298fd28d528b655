import { NestFactory } from '@nestjs/core';

// A secret for the demonstration. Yours comes from the environment and is agreed on with RevRag.
const secret = (process.env.REVRAG_WEBHOOK_SECRET ??= 'whsec_demonstration');

const { AppModule } = await import('./app.module.js');
const { demonstrate } = await import('./demonstration.js');

const app = await NestFactory.create(AppModule);
// On SIGTERM, the app waits for running handlers before the process ends.
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
const url = `${await app.getUrl()}/webhooks/revrag`;
const allWell = await demonstrate(url, secret);

if (process.argv.includes('--once')) {
  await app.close();
  process.exitCode = allWell ? 0 : 1;
} else {
  console.log(`\nListening on ${url}`);
}
