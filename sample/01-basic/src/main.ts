import { NestFactory } from '@nestjs/core';

// A secret for the demonstration. Yours comes from the environment and is agreed on with RevRag.
const secret = (process.env.REVRAG_WEBHOOK_SECRET ??= 'whsec_demonstration');

const { AppModule } = await import('./app.module.js');
const { CallsService } = await import('./calls.service.js');
const { curlCommand, demonstrate } = await import('./demonstration.js');

const once = process.argv.includes('--once');
const app = await NestFactory.create(AppModule);
await app.listen(once ? 0 : (process.env.PORT ?? 3000), '127.0.0.1');

const url = `${await app.getUrl()}/webhooks/revrag`;
const allWell = await demonstrate(url, secret);
const calls = app.get(CallsService).size;
console.log(`\nFour deliveries, ${calls} call${calls === 1 ? '' : 's'} saved.`);

if (once) {
  await app.close();
  process.exitCode = allWell && calls === 1 ? 0 : 1;
} else {
  console.log(
    `\nListening on ${url}. To send another, within five minutes, in a second terminal:\n`,
  );
  console.log(curlCommand(url, secret));
}
