import { NestFactory } from '@nestjs/core';
import { serveDocument } from './serve-document.js';

// For the demonstration. Yours comes from the environment and is agreed on with RevRag.
process.env.REVRAG_WEBHOOK_SECRET ??= 'whsec_demonstration';

const { AppModule } = await import('./app.module.js');

const once = process.argv.includes('--once');
const app = await NestFactory.create(AppModule);
serveDocument(app);
app.enableShutdownHooks();
await app.listen(process.env.PORT ?? 3000, '127.0.0.1');
const url = await app.getUrl();

if (once) {
  const response = await fetch(`${url}/docs-json`);
  const { paths } = (await response.json()) as { paths: object };
  console.log(Object.keys(paths).join('\n'));
  await app.close();
  process.exitCode = '/webhooks/revrag' in paths ? 0 : 1;
} else {
  console.log(`\nThe page: ${url}/docs, the document: ${url}/docs-json`);
}
