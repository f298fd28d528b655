import { Controller, Inject, Injectable, Module } from '@nestjs/common';
import {
  InjectRevragWebhook,
  RevragWebhookModule,
  RevragWebhookService,
  getRevragWebhookToken,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { startApp } from '../support/app.js';
import { recorder } from '../support/recorder.js';
import { genuine, post } from '../support/send.js';

const sales = () =>
  RevragWebhookModule.forRoot({ secret: 's-secret', name: 'sales', path: 'hooks/sales' });
const support = () =>
  RevragWebhookModule.forRoot({ secret: 'p-secret', name: 'support', path: '/hooks/support/' });

describe('two endpoints in one app [pitfall 14]', () => {
  const start = async () => {
    const all = recorder();
    const onlySales = recorder({ endpoint: 'sales', id: 'only-sales' });
    const { app, url } = await startApp({
      imports: [sales(), support()],
      providers: [all.Calls, { provide: 'SALES', useClass: onlySales.Calls }],
    });
    return { app, url, all: all.received, onlySales: onlySales.received };
  };

  it('have paths and secrets of their own', async () => {
    const { url } = await start();
    const send = (path: string, secret: string) =>
      post(`${url}/hooks/${path}`, genuine({ secret }));
    expect(await send('sales', 's-secret')).toMatchObject({ status: 200 });
    expect(await send('support', 'p-secret')).toMatchObject({ status: 200 });
    expect(await send('sales', 'p-secret')).toMatchObject({ status: 401 });
    expect(await send('support', 's-secret')).toMatchObject({ status: 401 });
  });

  it('tell handlers which of them received a delivery, and filter by it', async () => {
    const { url, all, onlySales } = await start();
    await post(`${url}/hooks/sales`, genuine({ secret: 's-secret' }));
    await post(`${url}/hooks/support`, genuine({ secret: 'p-secret' }));
    expect(all.map(({ delivery }) => delivery.endpoint)).toEqual(['sales', 'support']);
    expect(onlySales.map(({ delivery }) => delivery.endpoint)).toEqual(['sales']);
  });

  it('keep ids apart', async () => {
    const { url, all } = await start();
    await post(`${url}/hooks/sales`, genuine({ id: 'evt_1', secret: 's-secret' }));
    await post(`${url}/hooks/support`, genuine({ id: 'evt_1', secret: 'p-secret' }));
    expect(all).toHaveLength(2);
  });

  it('have services of their own, injected by name everywhere', async () => {
    @Injectable()
    class Consumer {
      constructor(
        @InjectRevragWebhook('sales') readonly sales: RevragWebhookService,
        @InjectRevragWebhook('support') readonly support: RevragWebhookService,
      ) {}
    }
    @Module({ providers: [Consumer] })
    class FeatureModule {}
    const { app } = await startApp({ imports: [sales(), support(), FeatureModule] });
    const consumer = app.get(Consumer);
    const { body, headers } = genuine({ secret: 's-secret' });
    await expect(consumer.sales.verify(body, headers)).resolves.toMatchObject({
      endpoint: 'sales',
    });
    await expect(consumer.support.verify(body, headers)).rejects.toThrow();
  });
});

describe('two apps in one process', () => {
  it('share nothing, not even a module that was made once', async () => {
    const module = RevragWebhookModule.forRoot('shared');
    const [first, second] = [recorder(), recorder()];
    const one = await startApp({ imports: [module], providers: [first.Calls] });
    const two = await startApp({ imports: [module], providers: [second.Calls] });
    const delivery = genuine({ secret: 'shared', id: 'evt_1' });
    await post(`${one.url}/webhooks/revrag`, delivery);
    expect([first.received.length, second.received.length]).toEqual([1, 0]);
    await post(`${two.url}/webhooks/revrag`, delivery);
    expect([first.received.length, second.received.length]).toEqual([1, 1]);
    await one.app.close();
    const after = await post(`${two.url}/webhooks/revrag`, genuine({ secret: 'shared' }));
    expect(after).toMatchObject({ status: 200 });
  });
});

describe('isGlobal: false', () => {
  it('keeps the service to those who import the module', async () => {
    const name = getRevragWebhookToken();
    const module = RevragWebhookModule.forRoot({ secret: 'x', isGlobal: false });
    @Controller()
    class Outsider {
      constructor(@Inject(name) readonly service: RevragWebhookService) {}
    }
    @Module({ controllers: [Outsider] })
    class OutsideModule {}
    @Module({ imports: [module], controllers: [Outsider] })
    class InsideModule {}
    await expect(startApp({ imports: [module, OutsideModule] })).rejects.toThrow(
      /RevragWebhookService/,
    );
    const { app } = await startApp({ imports: [InsideModule] });
    expect(app.get(Outsider).service).toBeInstanceOf(RevragWebhookService);
  });
});
