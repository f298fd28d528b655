import { NestFactory } from '@nestjs/core';

// For the demonstration. Yours come from the environment.
const secret = (process.env.REVRAG_WEBHOOK_SECRET ??= 'whsec_demonstration');
const password = (process.env.BOARD_PASSWORD ??= 'board_demonstration');
process.env.REDIS_URL ??= 'redis://127.0.0.1:6379';

const { AppModule } = await import('./app.module.js');
const { demonstrate } = await import('./demonstration.js');

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
const url = await app.getUrl();
const allWell = await demonstrate(`${url}/webhooks/revrag`, secret, app);

if (process.argv.includes('--once')) {
  await app.close();
  process.exitCode = allWell ? 0 : 1;
} else {
  console.log(`\nListening on ${url}/webhooks/revrag`);
  console.log(`The jobs: ${url}/queues, any user name, password "${password}"`);
}
