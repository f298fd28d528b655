import { Delivery } from 'nestjs-revrag-webhook';
import { callEnded, delivery, signDelivery } from 'nestjs-revrag-webhook/testing';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SECRET } from '../../support/app.js';

describe('the test kit', () => {
  it('makes another call each time, unless that is fixed', () => {
    expect(callEnded().call_id).not.toBe(callEnded().call_id);
    expect(callEnded({ call_id: 'call_1' }).call_id).toBe('call_1');
    const [first, second] = [signDelivery({ secret: SECRET }), signDelivery({ secret: SECRET })];
    expect(first.body).not.toEqual(second.body);
    expect(first.headers['x-webhook-id']).not.toBe(second.headers['x-webhook-id']);
    const body = callEnded();
    const again = () =>
      signDelivery({ secret: SECRET, body, id: 'evt_1', timestamp: 1_780_000_000 });
    expect(again()).toEqual(again());
  });
});

describe('delivery()', () => {
  it('is a Delivery with all that a handler may look at', () => {
    const made = delivery();
    expect(made).toBeInstanceOf(Delivery);
    expect(made).toMatchObject({ type: 'call.ended', endpoint: 'default', attempt: 1 });
    expect(made.id).toMatch(/^evt_/);
    expect(Math.abs(Date.now() - made.timestamp.getTime())).toBeLessThan(60_000);
    expect(JSON.parse(made.rawBody.toString())).toMatchObject({ call_status: 'ENDED' });
    expect(made.signal.aborted).toBe(false);
    expect(delivery().id).not.toBe(made.id);
  });

  it('takes every property in place of its own', () => {
    const stop = new AbortController();
    const own = {
      id: 'evt_1',
      type: 'call.started',
      timestamp: new Date(0),
      endpoint: 'sales',
      attempt: 3,
      rawBody: Buffer.from('{}'),
      signal: stop.signal,
    };
    const made = delivery(own);
    expect(
      Object.fromEntries(Object.keys(own).map(key => [key, made[key as keyof Delivery]])),
    ).toEqual(own);
    stop.abort();
    expect(made.signal.aborted).toBe(true);
  });

  it('keeps its bytes out of logs, as the real one does', () => {
    const made = delivery({ rawBody: Buffer.from('secret words') });
    expect(inspect(made) + JSON.stringify(made)).not.toMatch(/secret words|rawBody/);
  });
});
