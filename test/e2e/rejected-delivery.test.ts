import { Injectable } from '@nestjs/common';
import {
  OnRejectedDelivery,
  RevragPayloadError,
  RevragWebhookModule,
  VerifiedDelivery,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { deliver, genuine, PATH, post } from '../support/send.js';

function createKeeper(fail = false) {
  @Injectable()
  class Keeper {
    readonly kept: { delivery: VerifiedDelivery; error: RevragPayloadError }[] = [];

    @OnRejectedDelivery()
    keep(delivery: VerifiedDelivery, error: RevragPayloadError) {
      this.kept.push({ delivery, error });
      if (fail) throw new Error('The disk is full');
    }

    @OnRejectedDelivery({ endpoint: 'other' })
    keepOther(delivery: VerifiedDelivery, error: RevragPayloadError) {
      this.kept.push({ delivery, error });
    }
  }
  return Keeper;
}

const endpoints = [
  RevragWebhookModule.forRoot(SECRET),
  RevragWebhookModule.forRoot({ secret: 'another secret', name: 'other', path: 'other' }),
];

describe('@OnRejectedDelivery()', () => {
  it('is offered what is authentic and can not be read', async () => {
    const Keeper = createKeeper();
    const { app, url } = await startApp({ imports: endpoints, providers: [Keeper] });
    const body = '{"call_id": 7}';
    expect(await deliver(url, { id: 'evt_1', body })).toMatchObject({
      status: 400,
      body: { code: 'invalid_payload' },
    });
    const { kept } = app.get(Keeper);
    expect(kept).toHaveLength(1);
    expect(kept[0]!.delivery).toMatchObject({ id: 'evt_1', endpoint: 'default' });
    expect(kept[0]!.delivery.rawBody.toString()).toBe(body);
    expect(kept[0]!.error.code).toBe('invalid_payload');
  });

  it('changes no answer when it fails', async () => {
    const Keeper = createKeeper(true);
    const { app, url } = await startApp({ imports: endpoints, providers: [Keeper] });
    expect(await deliver(url, { body: 'no json' })).toMatchObject({
      status: 400,
      body: { code: 'malformed_json' },
    });
    expect(app.get(Keeper).kept).toHaveLength(1);
  });

  it('is not offered what is not authentic, nor what can be read', async () => {
    const Keeper = createKeeper();
    const { app, url } = await startApp({ imports: endpoints, providers: [Keeper] });
    expect(await deliver(url)).toMatchObject({ status: 200 });
    const forged = { ...genuine(), body: Buffer.from('no json') };
    expect(await post(url + PATH, forged)).toMatchObject({ status: 401 });
    expect(app.get(Keeper).kept).toEqual([]);
  });

  it('stops the boot where its endpoint does not exist', async () => {
    const boot = startApp({ imports: [endpoints[0]!], providers: [createKeeper()] });
    await expect(boot).rejects.toThrow('Keeper.keepOther is for the endpoint "other"');
  });
});
