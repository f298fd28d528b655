import { UnrecoverableError } from 'bullmq';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { expect, it } from 'vitest';
import { storeDelivery } from '../../../lib/bullmq/event-job.js';
import { StoredEvents } from '../../../lib/bullmq/stored-events.js';
import { verified } from '../../support/verified.js';

const read = async (
  payload: object,
  isStrict: Readonly<Record<string, boolean>> = {},
  wasStrict?: boolean,
) => {
  const endpoints = { isStrict: (name: string) => isStrict[name] };
  const stored = await storeDelivery(verified(payload));
  return new StoredEvents(endpoints as never).read(stored, wasStrict);
};

it('reads an event back', async () => {
  const { verified: delivery, event } = await read(callEnded({ call_id: 'call_1' }));
  expect(event.payload).toMatchObject({ call_id: 'call_1' });
  expect(event.delivery.id).toBe(delivery.id);
});

it.each([
  ['its endpoint here', { default: true }, false],
  ['its endpoint in another process', { other: false }, true],
])('is as strict as %s', async (_where, isStrict, wasStrict) => {
  const odd = { ...callEnded(), duration: 'long' };
  const reading = read(odd, isStrict, wasStrict);
  await expect(reading).rejects.toThrow(UnrecoverableError);
  await expect(reading).rejects.toThrow(/invalid_payload.* duration: must be/);
});

it.each([
  ['its endpoint here', { default: false, other: true }, true],
  ['its endpoint in another process', { other: true }, false],
  ['an endpoint that nobody knows', {}, undefined],
])('is as lenient as %s', async (_where, isStrict, wasStrict) => {
  const { event } = await read({ ...callEnded(), duration: 'long' }, isStrict, wasStrict);
  expect(event.delivery.violations).toHaveLength(1);
});

it('names five places at most, and no value', async () => {
  const odd = Object.fromEntries(
    ['duration', 'call_status', 'agent_id', 'call_id', 'recording_url', 'summary', 'sentiment'].map(
      name => [name, { secret: 4711 }],
    ),
  );
  const error = await read({ ...callEnded(), ...odd }, { default: true }).catch(
    (reason: unknown) => reason as Error,
  );
  const { message } = error as Error;
  expect(message.split('; ')).toHaveLength(5);
  expect(message).not.toContain('4711');
});
