// The library under test, as built: one handler that does nothing, memory store.
// Arguments: platform, number of handlers.
import process from 'node:process';
import { OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { decorateMethod, injectable } from '../support/decorate.mjs';
import { SECRET } from '../support/schemes.mjs';
import { serveNest } from './support/nest.mjs';
import { platform } from './support/platform.mjs';

const [platformName, handlers = '1'] = process.argv.slice(2);

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

// The store and queue rows go here: pass `idempotency: { store }`, import the queue's module.
const { adapter } = await platform(platformName);
await serveNest(
  {
    imports: [RevragWebhookModule.forRoot({ secret: SECRET, bodyLimit: '6mb' })],
    providers: [Calls],
  },
  { adapter },
);
