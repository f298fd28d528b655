import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  MemoryIdempotencyStore,
  OnCallEnded,
  RevragWebhookModule,
  RevragWebhookService,
} from 'nestjs-revrag-webhook';
import { signDelivery } from 'nestjs-revrag-webhook/testing';
import { expect, it, onTestFinished } from 'vitest';
import { RevragCoreModule } from '../../../../lib/core/module/revrag-core.module.js';
import { startContext } from '../../../support/context.js';

const SECRET = 'whsec_of_the_module';

it('has no controller without a path', () => {
  const options = { secret: SECRET, path: false } as const;
  expect(RevragWebhookModule.forRoot(options).controllers).toEqual([]);
  expect(RevragWebhookModule.forRoot(SECRET).controllers).toHaveLength(1);
});

it('has tokens for the factory from other providers, as they are', async () => {
  const dynamic = RevragWebhookModule.forRootAsync({
    inject: ['KEYS', 'AGENT'],
    useFactory: ({ secret }: { secret: string }, agent: string) => ({
      secret: `${secret}_${agent}`,
    }),
    provideInjectionTokensFrom: [
      { provide: 'KEYS', useFactory: () => ({ secret: SECRET }) },
      { provide: 'AGENT', useValue: 'loans' },
    ],
  });
  const app = await Test.createTestingModule({ imports: [dynamic] }).compile();
  onTestFinished(() => app.close());
  await app.init();
  const { body, headers } = signDelivery({ secret: `${SECRET}_loans` });
  await expect(app.get(RevragWebhookService).verify(body, headers)).resolves.toBeDefined();
});

it('closes the store of each endpoint with the app, where it can be closed', async () => {
  const closed: string[] = [];
  const store = Object.assign(new MemoryIdempotencyStore(), {
    close: () => {
      closed.push('loans');
      return Promise.resolve();
    },
  });
  const loans = { secret: SECRET, name: 'loans', path: 'loans', idempotency: { store } };
  const imports = [RevragWebhookModule.forRoot(loans)];
  const { app, logs } = await startContext([], {}, { imports });
  await app.close();
  expect(closed).toEqual(['loans']);
  // Nest logs what a hook throws.
  expect(logs.of('error')).toEqual([]);
});

it('verifies as of the time at which a delivery came in', async () => {
  const { app, clock } = await startContext([]);
  const service = app.get(RevragWebhookService);
  const receivedAt = new Date(clock.now() - 3_600_000);
  const { body, headers } = signDelivery({ secret: 'x', timestamp: receivedAt });
  await expect(service.verify(body, headers)).rejects.toMatchObject({
    code: 'timestamp_out_of_tolerance',
  });
  await expect(service.verify(body, headers, { receivedAt })).rejects.toMatchObject({
    code: 'signature_mismatch',
  });
});

it('lets a process without endpoints have handlers for any', async () => {
  @Injectable()
  class Calls {
    @OnCallEnded({ endpoint: 'loans' })
    save() {}
  }
  @Module({ imports: [RevragCoreModule], providers: [Calls] })
  class WorkerModule {}
  const app = await Test.createTestingModule({ imports: [WorkerModule] }).compile();
  await expect(app.init()).resolves.toBeDefined();
  await app.close();
});
