import { Injectable } from '@nestjs/common';
import { CallEndedDto, Delivery, OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { deliver, genuine, post, PATH } from '../support/send.js';

function createCalls() {
  @Injectable()
  class Calls {
    readonly received: { call: CallEndedDto; delivery: Delivery }[] = [];

    @OnCallEnded()
    save(call: CallEndedDto, delivery: Delivery) {
      this.received.push({ call, delivery });
    }
  }
  return Calls;
}

describe('the endpoint', () => {
  it('hands a genuine delivery to the decorated method', async () => {
    const Calls = createCalls();
    const { app, url } = await startApp({
      imports: [RevragWebhookModule.forRoot(SECRET)],
      providers: [Calls],
    });
    const reply = await deliver(url, { id: 'evt_1' });
    expect(reply).toMatchObject({ status: 200, body: { status: 'processed', id: 'evt_1' } });
    const [{ call, delivery }] = app.get(Calls).received as [
      { call: CallEndedDto; delivery: Delivery },
    ];
    expect(call).toBeInstanceOf(CallEndedDto);
    expect(delivery.id).toBe('evt_1');
    expect(await deliver(url, { id: 'evt_1' })).toMatchObject({ body: { status: 'duplicate' } });
    const forged = genuine();
    expect(await post(url + PATH, { ...forged, body: Buffer.from('{}') })).toMatchObject({
      status: 401,
      body: { code: 'signature_mismatch' },
    });
  });
});
