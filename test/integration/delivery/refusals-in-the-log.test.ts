import { Injectable } from '@nestjs/common';
import { OnCallEnded, RevragWebhookService } from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { startContext } from '../../support/context.js';
import { genuine } from '../../support/send.js';
import { UnreliableStore } from '../../support/unreliable-store.js';

@Injectable()
class Calls {
  @OnCallEnded()
  save() {
    return;
  }
}

const MINUTE = 60_000;
const start = () => startContext([Calls]);
type Started = Awaited<ReturnType<typeof start>>;

const forge = async ({ receive }: Started, count: number) => {
  for (let sent = 0; sent < count; sent += 1) await receive({ secret: 'another' });
};
const warnings = ({ logs }: Started) =>
  logs
    .of('warn')
    .filter(text => /^Deliver/.test(text))
    .map(text => text.replace(/ RevragWebhook$/, ''));

describe('refusals that anybody can cause', () => {
  it('are logged in full ten times a minute, and then counted', async () => {
    const context = await start();
    await forge(context, 1_000);
    expect(warnings(context)).toHaveLength(10);
    await context.clock.pass(MINUTE);
    expect(warnings(context)).toHaveLength(11);
    expect(warnings(context)[10]).toBe(
      'Deliveries on default: 990 more refused within a minute: signature_mismatch',
    );
    await context.clock.pass(MINUTE);
    expect(warnings(context)).toHaveLength(11);
  });

  it('are logged in full again in the next minute', async () => {
    const context = await start();
    await forge(context, 12);
    await context.clock.pass(MINUTE);
    await forge(context, 1);
    expect(warnings(context)).toHaveLength(12);
    expect(context.clock.pending).toBe(0);
  });

  it('are counted by their code', async () => {
    const context = await start();
    await forge(context, 20);
    await context.receive({ timestamp: new Date(0) });
    expect(warnings(context)[10]).toContain('timestamp_out_of_tolerance');
  });

  it('are reported when the app closes', async () => {
    const context = await start();
    await forge(context, 15);
    await context.app.close();
    expect(warnings(context)[10]).toContain('5 more refused');
  });

  it('count authentic payloads that can not be read too', async () => {
    const context = await start();
    for (let sent = 0; sent < 20; sent += 1) await context.receive({ body: '{' });
    await context.clock.pass(MINUTE);
    expect(context.logs.of('warn').filter(text => text.includes('malformed_json'))).toHaveLength(
      11,
    );
  });
});

describe('failures of authentic deliveries', () => {
  it('are each logged, however many there are', async () => {
    const store = new UnreliableStore();
    const context = await startContext([Calls], { idempotency: { store } });
    store.breakAll();
    for (let sent = 0; sent < 30; sent += 1) await context.receive({ id: `evt_${sent}` });
    const lines = context.logs.of('error').filter(text => text.includes('store_unavailable'));
    expect(lines).toHaveLength(30);
  });
});

describe('an app that closes', () => {
  it('says so without raising an alert', async () => {
    const context = await start();
    const { app, logs } = context;
    const service = app.get(RevragWebhookService);
    await app.close();
    const { body, headers } = genuine({ timestamp: new Date(context.clock.now()) });
    expect(await service.receive(body, headers)).toMatchObject({
      error: { code: 'shutting_down' },
    });
    expect(logs.of('log').filter(text => text.includes('shutting_down'))).toHaveLength(1);
    expect([...logs.of('error'), ...logs.of('warn')]).toEqual([]);
  });
});
