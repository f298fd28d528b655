import { describe, expect, it, vi } from 'vitest';
import { BodyPool, POOL_LIMIT } from '../../../../lib/core/http/body-pool.js';
import { ManualClock } from '../../../support/manual-clock.js';

const never = () => {
  throw new Error('nobody needs to give way');
};

describe('the pool', () => {
  it('of an app has 64 MiB', () => {
    expect(POOL_LIMIT).toBe(67_108_864);
  });

  it('gives what it has, and takes it back once', () => {
    const pool = new BodyPool(100);
    const [one, two] = [pool.share(never), pool.share(never)];
    expect(one.grow(60)).toBe(true);
    expect(two.grow(60)).toBe(false);
    expect(two.grow(40)).toBe(true);
    expect(one.grow(61)).toBe(false);
    one.release();
    one.release();
    expect(pool.used).toBe(40);
    // Alone, it may have more.
    expect(two.grow(500)).toBe(true);
    expect(one.grow(1)).toBe(false);
    two.release();
    expect(pool.used).toBe(0);
  });

  it('lets bodies that take two seconds give way to others, the first one first', async () => {
    const clock = new ManualClock();
    const pool = new BodyPool(100, clock);
    const [first, second] = [vi.fn(), vi.fn()];
    pool.share(first).grow(30);
    await clock.pass(1);
    pool.share(second).grow(60);
    const other = pool.share(never);
    await clock.pass(1_998);
    expect(other.grow(50)).toBe(false);
    await clock.pass(1);
    // Enough for it without the second one, which is not slow yet.
    expect([other.grow(40), first.mock.calls.length, second.mock.calls.length]).toEqual([
      true,
      1,
      0,
    ]);
    expect([other.grow(50), second.mock.calls.length]).toEqual([false, 0]);
    await clock.pass(1);
    expect([other.grow(50), first.mock.calls.length, second.mock.calls.length]).toEqual([
      true,
      1,
      1,
    ]);
    expect(pool.used).toBe(50);
  });

  it('has no room for a slow body that others would have to give way to', async () => {
    const clock = new ManualClock();
    const pool = new BodyPool(100, clock);
    const slow = pool.share(never);
    slow.grow(1);
    await clock.pass(10_000);
    pool.share(never).grow(99);
    expect(slow.grow(2)).toBe(false);
    expect(pool.used).toBe(100);
  });

  it.each(['complete', 'release'] as const)('leaves a body in peace after %s()', async end => {
    const clock = new ManualClock();
    const pool = new BodyPool(100, clock);
    const slow = pool.share(never);
    slow.grow(60);
    slow[end]();
    await clock.pass(10_000);
    expect(pool.share(never).grow(60)).toBe(end === 'release');
  });
});
