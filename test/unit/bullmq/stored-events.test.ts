import { UnrecoverableError } from 'bullmq';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { expect, it } from 'vitest';
import { storeDelivery } from '../../../lib/bullmq/event-job.js';
import { StoredEvents } from '../../../lib/bullmq/stored-events.js';
import { verified } from '../../support/verified.js';

const read = async (payload: object, strict: readonly string[] = []) => {
  const endpoints = { isStrict: (name: string) => strict.includes(name) };
  const stored = await storeDelivery(verified(payload));
  return new StoredEvents(endpoints as never).read(stored);
};

it('reads an event back', async () => {
  const { verified: delivery, event } = await read(callEnded({ call_id: 'call_1' }));
  expect(event.payload).toMatchObject({ call_id: 'call_1' });
  expect(event.delivery.id).toBe(delivery.id);
});

it('is as strict as the endpoint', async () => {
  const odd = { ...callEnded(), duration: 'long' };
  const { event } = await read(odd, ['other']);
  expect(event.delivery.violations).toHaveLength(1);
  await expect(read(odd, ['default'])).rejects.toThrow(UnrecoverableError);
  await expect(read(odd, ['default'])).rejects.toThrow(/invalid_payload.* duration: must be/);
});

it('names five places at most, and no value', async () => {
  const odd = Object.fromEntries(
    ['duration', 'call_status', 'agent_id', 'call_id', 'recording_url', 'summary', 'sentiment'].map(
      name => [name, { secret: 4711 }],
    ),
  );
  const error = await read({ ...callEnded(), ...odd }, ['default']).catch(
    (reason: unknown) => reason as Error,
  );
  const { message } = error as Error;
  expect(message.split('; ')).toHaveLength(5);
  expect(message).not.toContain('4711');
});
