import { Delivery } from 'nestjs-revrag-webhook';
import { callEnded, delivery, signDelivery } from 'nestjs-revrag-webhook/testing';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SECRET } from '../../support/app.js';
import { SAMPLE } from '../../support/sample.js';

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

describe('callEnded()', () => {
  it("is the provider's sample, but for the call", () => {
    const sample = JSON.parse(SAMPLE.toString()) as { call_id: string };
    const { call_id, ...rest } = callEnded();
    expect(call_id).toMatch(/^[0-9a-f-]{36}$/);
    expect({ ...rest, call_id: sample.call_id }).toEqual(sample);
    expect(Object.keys(callEnded())).toEqual(Object.keys(sample));
  });

  it('has what the contract does not name in `extra`, which is not sent', () => {
    const call = callEnded({ duration: 12, from_number: '+15550100' });
    expect(call).toMatchObject({ duration: 12, from_number: '+15550100' });
    expect(call.extra).toEqual({ from_number: '+15550100' });
    expect(Object.keys(call)).not.toContain('extra');
    expect(callEnded().extra).toEqual({});
  });
});

describe('signDelivery()', () => {
  it.each([
    [new Date(1_780_000_000_999), '1780000000'],
    [1_780_000_000.9, '1780000000'],
  ])('signs %o as second %s', (timestamp, seconds) => {
    const { headers } = signDelivery({ secret: SECRET, timestamp });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-webhook-event': 'call.ended',
      'x-webhook-id': expect.stringMatching(/^evt_[0-9a-f-]{36}$/) as unknown,
      'x-webhook-signature': expect.stringMatching(`^t=${seconds},v1=[0-9a-f]{64}$`) as unknown,
      'x-webhook-timestamp': seconds,
    });
  });

  it('copies bytes, and signs text and values as they are sent', () => {
    const bytes = Buffer.from('{}');
    const { body } = signDelivery({ secret: SECRET, body: bytes });
    bytes[0] = 0;
    expect(body).toEqual(Buffer.from('{}'));
    const again = { secret: SECRET, id: 'evt_1', type: 'call.started', timestamp: 1 };
    expect(signDelivery({ ...again, body: { a: 1 } })).toEqual(
      signDelivery({ ...again, body: '{"a":1}' }),
    );
    expect(signDelivery(again).headers).toMatchObject({
      'x-webhook-event': 'call.started',
      'x-webhook-id': 'evt_1',
    });
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
    // As of the real one: what is kept out of logs, and that a spy can take its place.
    expect(Object.keys(made)).toEqual(Object.keys(delivery()));
    expect(Object.defineProperty(made, 'signal', { value: 'spy' }).signal).toBe('spy');
  });

  it('keeps its bytes out of logs, as the real one does', () => {
    const made = delivery({ rawBody: Buffer.from('secret words') });
    expect(inspect(made) + JSON.stringify(made)).not.toMatch(/secret words|rawBody/);
  });
});
