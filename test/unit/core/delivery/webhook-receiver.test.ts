import { type RevragPayloadError, type VerifiedDelivery } from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { shuttingDown } from '../../../../lib/core/errors/unavailable.js';
import { InFlight } from '../../../../lib/core/delivery/in-flight.js';
import type { Outcome } from '../../../../lib/core/delivery/outcome.js';
import { Observers } from '../../../../lib/core/handlers/observers.js';
import { WebhookReceiver } from '../../../../lib/core/delivery/webhook-receiver.js';
import { VerifiedDelivery as Verified } from '../../../../lib/core/signature/verified-delivery.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { verified } from '../../../support/verified.js';

/** A receiver of one delivery whose signature has been checked, and what comes of it. */
function setUp(delivery: VerifiedDelivery) {
  const clock = new ManualClock();
  const written: object[] = [];
  const offered: string[] = [];
  const requests: unknown[] = [];
  const act: { process: () => Outcome | Promise<Outcome> } = {
    process: () => ({ status: 'ignored', id: delivery.id }),
  };
  const inFlight = new InFlight(clock);
  const receiver = new WebhookReceiver({
    endpoint: {
      name: 'default',
      strict: false,
      verifier: { readHead: () => ({}), verifyBody: () => Promise.resolve(delivery) },
    } as never,
    processor: {
      process: () => {
        requests.push(Verified.request(delivery));
        return Promise.resolve(act.process());
      },
    } as never,
    rejected: {
      offer: (_delivery: unknown, error: RevragPayloadError) => {
        offered.push(error.code);
        return Promise.resolve();
      },
    } as never,
    inFlight,
    outcomes: {
      write: (received: object, outcome: Outcome) => written.push({ ...received, outcome }),
      writeError: (received: object, error: unknown) => written.push({ ...received, error }),
    } as never,
    clock,
    observers: new Observers({ getProviders: () => [] } as never),
  });
  const receive = (request?: object) => receiver.receive(delivery.rawBody, {}, { request });
  return { receiver, receive, act, clock, written, offered, requests, inFlight };
}

const CALL = { call_id: 'c', agent_id: 'a', call_status: 'ENDED' };

describe('WebhookReceiver', () => {
  it('logs what is refused before it is verified', () => {
    const { receiver, written, clock } = setUp(verified(CALL));
    const outcome = { status: 'refused', error: shuttingDown() };
    expect(receiver.refuse(outcome.error)).toEqual(outcome);
    expect(written).toEqual([{ endpoint: 'default', startedAt: clock.now(), outcome }]);
  });

  it('gives the request to what processes the delivery, and takes it back', async () => {
    const delivery = verified(CALL);
    const { receive, requests, written } = setUp(delivery);
    const request = {};
    await receive(request);
    await receive();
    expect(requests).toEqual([request, undefined]);
    expect(Verified.request(delivery)).toBeUndefined();
    expect(written).toHaveLength(2);
  });

  it('offers a payload that cannot be read', async () => {
    const { receive, offered, written } = setUp(verified('no json'));
    expect(await receive()).toMatchObject({ status: 'refused', error: { code: 'malformed_json' } });
    expect(offered).toEqual(['malformed_json']);
    expect(written).toHaveLength(1);
  });

  it('logs an unexpected error and lets it through, with nothing left in flight', async () => {
    const delivery = verified(CALL);
    const { receive, act, written, inFlight, clock } = setUp(delivery);
    const error = new TypeError('a mistake');
    act.process = () => Promise.reject(error);
    await expect(receive({})).rejects.toThrow(error);
    expect(Verified.request(delivery)).toBeUndefined();
    const { id, type } = delivery;
    expect(written).toEqual([{ endpoint: 'default', id, type, startedAt: clock.now(), error }]);
    expect(inFlight.size).toBe(0);
  });
});
