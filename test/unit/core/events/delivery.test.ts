import { describe, expect, it } from 'vitest';
import { Delivery } from '../../../../lib/core/events/delivery.js';
import { verified } from '../../../support/verified.js';

const violations = [{ path: 'duration', message: 'must be a number' }];
const deliveryOf = () => new Delivery(verified('{}'), undefined, violations);

describe('a delivery', () => {
  it('has neither key nor fence before it is claimed, and those of its latest claim after', () => {
    const delivery = deliveryOf();
    expect([delivery.key, delivery.fence]).toEqual(['', 0]);
    Delivery.claimed(delivery, 'digest', 7);
    expect([delivery.key, delivery.fence]).toEqual(['digest', 7]);
    Delivery.claimed(delivery, 'digest', 8);
    expect(delivery.fence).toBe(8);
  });

  it('has one signal, which aborts with the reason given', () => {
    const delivery = deliveryOf();
    const { signal } = delivery;
    expect(delivery.signal).toBe(signal);
    expect(signal.aborted).toBe(false);
    const reason = new Error('the app is closing');
    Delivery.abort(delivery, reason);
    expect([signal.aborted, signal.reason]).toEqual([true, reason]);
  });

  it('is aborted for a handler that looks at its signal later, too', () => {
    const delivery = deliveryOf();
    Delivery.abort(delivery, new Error('late'));
    expect(delivery.signal.aborted).toBe(true);
  });

  it('has a signal of its own for each attempt, and is the same otherwise', () => {
    const first = deliveryOf();
    expect(first.attempt).toBe(1);
    const second = Delivery.with(first, { attempt: 2 });
    Delivery.abort(first, new Error('over'));
    expect([second.attempt, second.signal.aborted]).toEqual([2, false]);
    expect(second.violations).toBe(violations);
    expect(Delivery.verified(second)).toBe(Delivery.verified(first));
    expect(new Delivery(verified('{}')).violations).toEqual([]);
  });
});
