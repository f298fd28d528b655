import { Injectable } from '@nestjs/common';
import { OnCallEnded, RevragWebhookModule, type IdempotencyStore } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { expect } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { until } from '../support/claims.js';
import { deliver } from '../support/send.js';
import type { ServerProcess } from '../support/servers/server-process.js';

const bodyOf = (id: string): string => JSON.stringify(callEnded({ call_id: id }));

/** An app whose store's server is stopped and started: nothing acknowledged meanwhile, nothing done twice. */
export async function expectToOutliveItsServer(
  store: IdempotencyStore,
  server: ServerProcess,
): Promise<void> {
  const handled: string[] = [];
  @Injectable()
  class Calls {
    @OnCallEnded()
    count({ call_id }: { call_id: string }): void {
      handled.push(call_id);
    }
  }
  const { url } = await startApp({
    imports: [RevragWebhookModule.forRoot({ secret: SECRET, idempotency: { store } })],
    providers: [Calls],
  });
  const send = (id: string) => deliver(url, { id, body: bodyOf(id) });

  const first = await until(
    () => send('evt_1'),
    ({ status }) => status === 200,
  );
  expect(first.body.status).toBe('processed');
  await server.stop();
  for (const id of ['evt_1', 'evt_2']) {
    const reply = await send(id);
    expect(reply).toMatchObject({ status: 503, body: { code: 'store_unavailable' } });
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  await server.start();
  const back = await until(
    () => send('evt_1'),
    ({ status }) => status === 200,
  );
  expect(back.body.status).toBe('duplicate');
  // What was refused may have been claimed by an answer that came too late; that claim is given back.
  const sent = await until(
    () => send('evt_2'),
    ({ status }) => status === 200,
  );
  expect(sent.body.status).toBe('processed');
  expect(handled).toEqual(['evt_1', 'evt_2']);
}
