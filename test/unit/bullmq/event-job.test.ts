import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  handlerJobId,
  handlerJobName,
  rejectedJobId,
  rejectedJobName,
  restoreDelivery,
  storeDelivery,
} from '../../../lib/bullmq/event-job.js';
import { VerifiedDelivery } from '../../../lib/core/signature/verified-delivery.js';

interface Sent {
  id?: string;
  type?: string;
  endpoint?: string;
  params?: Record<string, string>;
}

const of = (
  body: Buffer,
  { id = 'evt_1', type = 'call.ended', endpoint = 'default', params = { tenant: 'a' } }: Sent = {},
) =>
  new VerifiedDelivery(id, type, new Date(1_780_000_000_123), endpoint, body, {
    headers: { 'user-agent': 'RevRag', 'x-webhook-signature': 't=1,v1=ab' },
    params,
  });

it.each([0, 1, 1_023, 1_024, 1_025, 16_383, 16_384, 16_385, 300_000])(
  'gives a delivery of %i bytes back as it was',
  async size => {
    for (const body of [Buffer.alloc(size, 'call '), randomBytes(size)]) {
      const delivery = of(body);
      const stored = await storeDelivery(delivery, { traceparent: '00-1' });
      expect(stored).toMatchObject({ v: 1, trace: { traceparent: '00-1' } });
      expect(stored.deflated).toBe(size >= 1_024);
      const restored = await restoreDelivery(JSON.parse(JSON.stringify(stored)) as typeof stored);
      expect(restored.rawBody.equals(body)).toBe(true);
      for (const field of ['id', 'type', 'timestamp', 'endpoint', 'params', 'headers'] as const) {
        expect(restored[field]).toEqual(delivery[field]);
      }
      expect(restored.headers).toEqual({ 'user-agent': 'RevRag' });
    }
  },
);

it('takes less room for a transcript', async () => {
  const { body } = await storeDelivery(of(Buffer.from('{"role":"user"}'.repeat(1_000))));
  expect(body.length).toBeLessThan(1_000);
});

it('has one job for the same delivery and handler', () => {
  const first = handlerJobId('key', 'save');
  expect(handlerJobId('key', 'save')).toBe(first);
  expect(handlerJobId('key', 'bill')).not.toBe(first);
  expect(handlerJobId('other key', 'save')).not.toBe(first);
});

it('has one job for the same refused bytes, whatever the id and type', () => {
  const first = rejectedJobId(of(Buffer.from('a')));
  expect(rejectedJobId(of(Buffer.from('a'), { id: 'evt_2', type: 'x' }))).toBe(first);
  for (const other of [
    of(Buffer.from('b')),
    of(Buffer.from('a'), { endpoint: 'other' }),
    of(Buffer.from('a'), { params: { tenant: 'b' } }),
  ]) {
    expect(rejectedJobId(other)).not.toBe(first);
  }
});

it('names jobs by ids only, and prints nothing that a log would take for a line', () => {
  expect(handlerJobName('save', { call_id: 'call_1' }, 'evt_1')).toBe('save · call_1 · evt_1');
  for (const payload of [undefined, null, {}, { call_id: 7 }]) {
    expect(handlerJobName('save', payload, 'evt_1')).toBe('save · evt_1');
  }
  expect(handlerJobName('save', { call_id: 'a\nb' }, 'c\nd')).not.toContain('\n');
  expect(rejectedJobName('evt_1')).toBe('(rejected) · evt_1');
  expect(rejectedJobName('a\nb')).not.toContain('\n');
});
