// The library under test, as built: handlers that do nothing. Arguments: platform, number of handlers, and
// where deliveries go: `memory`, `redis` or `postgres` is the store; `queue` and `queue-postgres` hand them to a
// queue without workers.
import process from 'node:process';
import { OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { decorateMethod, injectable } from '../support/decorate.mjs';
import { SECRET } from '../support/schemes.mjs';
import { serveNest } from './support/nest.mjs';
import { platform } from './support/platform.mjs';

const [platformName, handlers = '1', backing = 'memory'] = process.argv.slice(2);
const { BENCH_SERVER_URL: url } = process.env;

class Calls {}
for (let index = 0; index < Number(handlers); index += 1) {
  const name = `handle${index}`;
  Object.defineProperty(Calls.prototype, name, {
    value: () => undefined,
    writable: true,
    configurable: true,
  });
  decorateMethod(Calls, name, [OnCallEnded()]);
}
injectable(Calls);

const options = { secret: SECRET, bodyLimit: '6mb' };
const imports = [];
if (backing === 'redis') {
  const { RedisIdempotencyStore } = await import('nestjs-revrag-webhook/redis');
  options.idempotency = { store: new RedisIdempotencyStore(url) };
}
if (backing === 'postgres') {
  const { PostgresIdempotencyStore } = await import('nestjs-revrag-webhook/postgres');
  options.idempotency = { store: new PostgresIdempotencyStore(url) };
}
if (backing.startsWith('queue')) {
  const { RevragBullModule } = await import('nestjs-revrag-webhook/bullmq');
  const where = backing === 'queue' ? { connection: { url } } : { postgres: url };
  imports.push(RevragBullModule.forRoot({ ...where, role: 'receive' }));
}

const { adapter } = await platform(platformName);
await serveNest(
  { imports: [RevragWebhookModule.forRoot(options), ...imports], providers: [Calls] },
  { adapter },
);
