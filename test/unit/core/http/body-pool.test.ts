import { describe, expect, it } from 'vitest';
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

  const setUp = (limit = 100) => {
    const clock = new ManualClock();
    return { clock, pool: new BodyPool(limit, clock) };
  };

  it('lets bodies that take two seconds give way to others, the first one first', async () => {
    const { clock, pool } = setUp();
    const stopped: string[] = [];
    pool.share(() => stopped.push('first')).grow(30);
    await clock.pass(1);
    pool.share(() => stopped.push('second')).grow(60);
    const other = pool.share(never);
    await clock.pass(1_998);
    expect([other.grow(40), stopped]).toEqual([false, []]);
    await clock.pass(1);
    // The first one alone is not enough for it, and the second one is not slow yet.
    expect([other.grow(50), stopped]).toEqual([false, []]);
    expect([other.grow(40), stopped]).toEqual([true, ['first']]);
    await clock.pass(1);
    expect([other.grow(100), stopped]).toEqual([true, ['first', 'second']]);
    expect(pool.used).toBe(100);
  });

  it('stops no more bodies than one needs the memory of', async () => {
    const { clock, pool } = setUp();
    const stopped: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      pool.share(() => stopped.push(name)).grow(30);
    }
    await clock.pass(2_000);
    const other = pool.share(never);
    expect([other.grow(40), stopped]).toEqual([true, ['first']]);
    expect([other.grow(41), stopped]).toEqual([true, ['first', 'second']]);
    expect(pool.used).toBe(71);
  });

  it('stops no body that holds nothing, and none where all would not be enough', async () => {
    const { clock, pool } = setUp();
    const complete = pool.share(never);
    complete.grow(50);
    complete.complete();
    pool.share(never);
    let stopped = 0;
    pool.share(() => (stopped += 1)).grow(40);
    await clock.pass(2_000);
    const other = pool.share(never);
    expect([other.grow(51), stopped]).toEqual([false, 0]);
    expect([other.grow(50), stopped]).toEqual([true, 1]);
  });

  it('has no room for a slow body that others would have to give way to', async () => {
    const { clock, pool } = setUp();
    const slow = pool.share(never);
    slow.grow(1);
    await clock.pass(10_000);
    pool.share(never).grow(99);
    expect(slow.grow(2)).toBe(false);
    expect(pool.used).toBe(100);
  });

  it.each(['complete', 'release'] as const)('leaves a body in peace after %s()', async end => {
    const { clock, pool } = setUp();
    const slow = pool.share(never);
    slow.grow(60);
    slow[end]();
    await clock.pass(10_000);
    expect(pool.share(never).grow(60)).toBe(end === 'release');
  });
});
