import type { INestApplicationContext, ModuleMetadata, Provider } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  RevragWebhookModule,
  type RevragWebhookService,
  getRevragWebhookToken,
  type Outcome,
  type RevragWebhookModuleOptions,
  type RevragWebhookOptions,
} from 'nestjs-revrag-webhook';
import type { SignDeliveryOptions } from 'nestjs-revrag-webhook/testing';
import { onTestFinished } from 'vitest';
import { Clock } from '../../lib/core/common/clock.js';
import { SECRET } from './app.js';
import { LogCollector } from './logs.js';
import { ManualClock } from './manual-clock.js';
import { genuine } from './send.js';

export interface Context {
  readonly app: INestApplicationContext;
  readonly clock: ManualClock;
  readonly logs: LogCollector;
  /** Signs now and receives: the whole way, without HTTP. */
  readonly receive: (options?: Partial<SignDeliveryOptions>, endpoint?: string) => Promise<Outcome>;
}

/** An app without HTTP whose time stands still; closed after the test. */
export async function startContext(
  providers: Provider[],
  options: Partial<RevragWebhookOptions & RevragWebhookModuleOptions> = {},
  more: ModuleMetadata = {},
): Promise<Context> {
  const clock = new ManualClock();
  const logs = new LogCollector();
  const app = await Test.createTestingModule({
    ...more,
    imports: [RevragWebhookModule.forRoot({ secret: SECRET, ...options }), ...(more.imports ?? [])],
    providers,
  })
    .overrideProvider(Clock)
    .useValue(clock)
    .setLogger(logs)
    .compile();
  await app.init();
  onTestFinished(() => app.close());
  let sent = 0;
  const receive: Context['receive'] = (sign = {}, endpoint = options.name) => {
    const service = app.get<RevragWebhookService>(getRevragWebhookToken(endpoint));
    // A second apart, or all would be the same signed bytes and so the same delivery.
    sent += 1;
    const timestamp = new Date(clock.now() - (sent % 100) * 1000);
    const { body, headers } = genuine({ timestamp, ...sign });
    return service.receive(body, headers);
  };
  return { app, clock, logs, receive };
}
