import { beforeEach, describe, expect, it, vi } from 'vitest';
import { InFlight } from '../../../../lib/core/delivery/in-flight.js';
import { deferred } from '../../../support/deferred.js';
import { ManualClock } from '../../../support/manual-clock.js';

const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise(resolve => setImmediate(resolve));
};

let clock: ManualClock;
let inFlight: InFlight;
let expired: string[];
const start = (name: string) => inFlight.add(() => expired.push(name));
/** A drain, and what it has come to. */
function drain(timeout: number) {
  const state = { left: undefined as number | undefined };
  void inFlight.drain(timeout).then(left => (state.left = left));
  return state;
}

beforeEach(() => {
  clock = new ManualClock();
  inFlight = new InFlight(clock);
  expired = [];
});

describe('InFlight', () => {
  it('is drained at once where nothing is in progress', async () => {
    expect([inFlight.closing, inFlight.closed]).toEqual([false, false]);
    expect(await inFlight.drain(1_000)).toBe(0);
    expect([inFlight.closing, inFlight.closed]).toEqual([true, true]);
    expect(clock.pending).toBe(0);
  });

  it('waits for all works, also for those that begin meanwhile', async () => {
    const [first, second] = [start('first'), start('second')];
    const state = drain(1_000);
    expect([inFlight.closing, inFlight.closed]).toEqual([true, false]);
    inFlight.remove(first);
    const third = start('third');
    inFlight.remove(second);
    await turns();
    expect(state.left).toBeUndefined();
    expect(inFlight.size).toBe(1);
    inFlight.remove(third);
    // Before the wait goes on.
    const fourth = start('fourth');
    await turns();
    expect(state.left).toBeUndefined();
    inFlight.remove(fourth);
    await turns();
    expect(state.left).toBe(0);
    expect(inFlight.closed).toBe(true);
    expect(expired).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('waits no longer than its timeout, and expires the deliveries that are left', async () => {
    start('first');
    start('second');
    inFlight.add();
    const state = drain(1_000);
    await clock.pass(999);
    expect([state.left, expired]).toEqual([undefined, []]);
    await clock.pass(1);
    await turns();
    expect(state.left).toBe(2);
    expect(expired).toEqual(['first', 'second']);
    expect(inFlight.closed).toBe(true);
  });

  it('waits once where it is drained twice', async () => {
    const work = start('work');
    const after = vi.spyOn(clock, 'after');
    const both = [drain(1_000), drain(5_000)];
    // True: the timer alone may keep the process alive.
    expect(after.mock.calls).toEqual([[1_000, expect.any(Function), true]]);
    inFlight.remove(work);
    await turns();
    expect(both.map(({ left }) => left)).toEqual([0, 0]);
  });

  it.each(['resolve', 'reject'] as const)('tracks a promise until it settles: %s', async how => {
    const promise = deferred();
    inFlight.track(promise.promise);
    expect(inFlight.size).toBe(1);
    const state = drain(1_000);
    await turns();
    expect(state.left).toBeUndefined();
    if (how === 'resolve') promise.resolve();
    else promise.reject(new Error('no'));
    await turns();
    expect(state.left).toBe(0);
    expect(inFlight.size).toBe(0);
  });

  it('waits for a tracked promise that does not settle no longer than it should', async () => {
    inFlight.track(deferred().promise);
    const state = drain(1_000);
    await clock.pass(999);
    await turns();
    expect(state.left).toBeUndefined();
    await clock.pass(1);
    await turns();
    expect(state.left).toBe(0);
  });
});
