import { RevragPayloadError, RevragUnavailableError } from 'nestjs-revrag-webhook';
import { expect, it } from 'vitest';
import { Claims } from '../../../../lib/core/delivery/claims.js';
import { InFlight } from '../../../../lib/core/delivery/in-flight.js';
import { RejectedDeliveries } from '../../../../lib/core/delivery/rejected-deliveries.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { UnreliableStore } from '../../../support/unreliable-store.js';
import { verified } from '../../../support/verified.js';

const error = new RevragPayloadError('malformed_json', 'The payload is no JSON.', []);

function setUp(keepRejected?: () => Promise<void>) {
  const clock = new ManualClock();
  const store = new UnreliableStore();
  const rejected = new RejectedDeliveries({
    registry: { matchRejected: () => [] } as never,
    dispatcher: undefined as never,
    sink: { dispatch: () => [], ...(keepRejected && { keepRejected }) },
    claims: new Claims(store, { by: 'delivery', lease: 60_000, retention: 3_600_000 }, clock),
    inFlight: new InFlight(clock),
    clock,
  });
  return { store, offer: () => rejected.offer(verified('no json'), error) };
}

it('keeps a rejected delivery in the queue, and asks the store only for methods', async () => {
  const kept: string[] = [];
  const { offer, store } = setUp(() => Promise.resolve(void kept.push('kept')));
  await offer();
  expect(kept).toEqual(['kept']);
  expect(store.asked).toEqual([]);
});

it('fails with 503 where the queue does not keep it', async () => {
  const { offer } = setUp(() => Promise.reject(new TypeError('queue away')));
  const failure = await offer().catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(RevragUnavailableError);
  expect(failure).toMatchObject({ code: 'store_unavailable', cause: 'TypeError' });
});

it('needs no queue', async () => {
  const { offer, store } = setUp();
  await offer();
  expect(store.asked).toEqual([]);
});
