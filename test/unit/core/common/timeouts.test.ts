import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Timeouts, type Wait } from '../../../../lib/core/common/timeouts.js';
import { ManualClock } from '../../../support/manual-clock.js';
import { holds } from '../../../support/holds.js';

const MS = 1_000;

function start() {
  const clock = new ManualClock();
  const begun = clock.monotonic();
  const timeouts = new Timeouts(clock, MS);
  const rung: [string, number][] = [];
  const wait = (name: string, then?: () => void) =>
    timeouts.set(() => {
      rung.push([name, clock.monotonic() - begun]);
      then?.();
    });
  return { clock, timeouts, rung, wait };
}

describe('Timeouts', () => {
  it('call back each at its own time, once, and leave no timer behind', async () => {
    const { clock, rung, wait } = start();
    wait('a');
    await clock.pass(400);
    wait('b');
    await clock.pass(599);
    expect(rung).toEqual([]);
    await clock.pass(1);
    expect(rung).toEqual([['a', 1_000]]);
    await clock.pass(10 * MS);
    expect(rung.slice(1)).toEqual([['b', 1_400]]);
    expect(clock.pending).toBe(0);
  });

  it('have one timer, however many wait, and none when all are called off', () => {
    const { clock, timeouts, wait } = start();
    const waits = ['a', 'b', 'c'].map(name => wait(name));
    expect(clock.pending).toBe(1);
    for (const one of waits) timeouts.cancel(one);
    expect(clock.pending).toBe(0);
    timeouts.cancel(waits[0]!);
    wait('d');
    expect(clock.pending).toBe(1);
  });

  it('set the timer for the next that is due, and none where no other waits', async () => {
    const { clock, wait } = start();
    const after = vi.spyOn(clock, 'after');
    wait('a');
    await clock.pass(400);
    wait('b');
    await clock.pass(600);
    expect(after.mock.calls.map(([ms]) => ms)).toEqual([1_000, 400]);
    await clock.pass(400);
    expect(after).toHaveBeenCalledTimes(2);
  });

  it('go on after a callback that throws', async () => {
    const { clock, rung, wait } = start();
    wait('a', () => {
      throw new Error('a logger that fails');
    });
    await clock.pass(1);
    wait('b');
    await expect(clock.pass(MS - 1)).rejects.toThrow('a logger that fails');
    await clock.pass(MS);
    expect(rung).toEqual([
      ['a', 1_000],
      ['b', 1_001],
    ]);
    wait('c');
    await clock.pass(MS);
    expect(rung).toHaveLength(3);
  });

  it('go on however many there are', async () => {
    const { clock, rung, wait } = start();
    wait('first');
    await clock.pass(1);
    for (let index = 0; index < 200_000; index += 1) wait('more');
    await clock.pass(MS);
    expect(rung).toHaveLength(200_001);
    expect(clock.pending).toBe(0);
  });

  it('may be called off, and begun, by one that is over at the same time', async () => {
    const { clock, timeouts, rung, wait } = start();
    const waits: Wait[] = [];
    waits.push(
      wait('a', () => {
        timeouts.cancel(waits[1]!);
        wait('c');
      }),
    );
    waits.push(wait('b'));
    await clock.pass(MS);
    expect(rung).toEqual([['a', 1_000]]);
    await clock.pass(MS);
    expect(rung.slice(1)).toEqual([['c', 2_000]]);
    expect(clock.pending).toBe(0);
  });

  it('do as timers of their own would, whatever is begun and called off', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('start' as const) }),
      fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 700 }) }),
    );
    await holds(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const shared = start();
        const apart = new ManualClock();
        const begun = apart.monotonic();
        const theirs: [string, number][] = [];
        const all: { mine: Wait; clear: () => void }[] = [];
        for (const one of steps) {
          if (one.do === 'start') {
            const name = String(all.length);
            const clear = apart.after(MS, () => theirs.push([name, apart.monotonic() - begun]));
            all.push({ mine: shared.wait(name), clear });
          } else if (one.do === 'cancel') {
            const { mine, clear } = all[one.which] ?? {};
            if (mine) shared.timeouts.cancel(mine);
            clear?.();
          } else {
            await Promise.all([shared.clock.pass(one.ms), apart.pass(one.ms)]);
          }
        }
        await Promise.all([shared.clock.pass(2 * MS), apart.pass(2 * MS)]);
        // Those that are over at the same moment may be called in any order.
        expect([...shared.rung].sort()).toEqual([...theirs].sort());
        expect(shared.clock.pending).toBe(0);
      }),
    );
  });
});
