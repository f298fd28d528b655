import { NestFactory } from '@nestjs/core';

// For the demonstration. Yours come from the environment and are agreed on with RevRag.
process.env.LOANS_SECRET ??= 'whsec_loans_new';
process.env.LOANS_OLD_SECRET ??= 'whsec_loans_old';
process.env.CARDS_SECRET ??= 'whsec_cards';

const { AppModule } = await import('./app.module.js');
const { demonstrate } = await import('./demonstration.js');

const once = process.argv.includes('--once');
const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
const url = await app.getUrl();
const allWell = await demonstrate(url, app);

if (once) {
  await app.close();
  process.exitCode = allWell ? 0 : 1;
} else {
  console.log(`\nListening on ${url}/hooks/loans, /hooks/cards and /hooks/branches/:agent`);
}
