import { expect, it } from 'vitest';
import { QueueUpkeep } from '../../../lib/bullmq/queue-upkeep.js';
import { resolveBullOptions } from '../../../lib/bullmq/resolve-bull-options.js';
import type { RevragBullOptions } from '../../../lib/bullmq/revrag-bull.options.js';
import { ManualClock } from '../../support/manual-clock.js';

const HOUR = 60 * 60_000;

function setUp(options: RevragBullOptions) {
  const clock = new ManualClock();
  const count = { sweeps: 0, checks: 0 };
  const sweeper = { sweep: () => Promise.resolve((count.sweeps += 1)) };
  const monitor = {
    logProgress: () => {
      count.checks += 1;
      return Promise.reject(new Error('The queue has not answered'));
    },
  };
  const resolved = resolveBullOptions({ connection: {}, ...options }, 'q');
  const upkeep = new QueueUpkeep(sweeper as never, monitor as never, resolved, clock);
  return { clock, count, upkeep };
}

it.each(['work', 'both'] as const)('sweeps once an hour in the role %s', async role => {
  const { clock, count, upkeep } = setUp({ role });
  upkeep.schedule();
  await clock.pass(HOUR - 1);
  expect(count.sweeps).toBe(0);
  await clock.pass(1);
  expect(count.sweeps).toBe(1);
  await clock.pass(HOUR);
  expect(count.sweeps).toBe(2);
});

it('looks four times in each progressTimeout whether workers take jobs, whatever the role', async () => {
  const { clock, count, upkeep } = setUp({ role: 'receive', progressTimeout: 8_000 });
  upkeep.schedule();
  await clock.pass(1_999);
  expect(count.checks).toBe(0);
  await clock.pass(1);
  expect(count.checks).toBe(1);
  await clock.pass(6_000);
  expect(count.checks).toBe(4);
  await clock.pass(HOUR);
  expect(count.sweeps).toBe(0);
});

it('does nothing more once it is cancelled', async () => {
  const { clock, count, upkeep } = setUp({});
  upkeep.schedule();
  upkeep.cancel();
  await clock.pass(2 * HOUR);
  expect(count).toEqual({ sweeps: 0, checks: 0 });
  expect(clock.pending).toBe(0);
});
