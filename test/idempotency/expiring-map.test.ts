import { describe, expect, it } from 'vitest';
import { ExpiringMap } from '../../lib/idempotency/expiring-map.js';
import { ManualClock } from '../support/manual-clock.js';

function create(maxEntries: number) {
  const clock = new ManualClock();
  return { clock, map: new ExpiringMap<number>(maxEntries, () => clock.now()) };
}

const keys = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);

describe('ExpiringMap', () => {
  it('keeps as many entries as it is told to', () => {
    for (const wanted of keys(10)) {
      const { map } = create(10);
      for (const key of keys(10)) map.set(key, 1, 1_000);
      expect(map.get(wanted)).toBe(1);
    }
  });

  it('keeps the latest half for certain, and never more than all', () => {
    const { map } = create(100);
    const all = keys(1_000);
    for (const [index, key] of all.entries()) {
      map.set(key, index, 1_000);
      const oldestOfHalf = all[Math.max(0, index - 49)]!;
      expect(map.get(key)).toBe(index);
      if (index % 97 === 0) expect(map.get(oldestOfHalf)).toBe(Math.max(0, index - 49));
    }
    expect(all.filter(key => map.get(key) !== undefined).length).toBeLessThanOrEqual(100);
  });

  it('lets the longest unseen go first', () => {
    const { map } = create(10);
    for (const key of keys(200)) {
      map.set(key, 1, 1_000);
      expect(map.get('key-0')).toBe(1);
    }
    expect(map.get('key-1')).toBeUndefined();
  });

  it('forgets an entry when its retention is over, whichever generation it is in', async () => {
    const { clock, map } = create(4);
    map.set('a', 1, 1_000);
    for (const key of keys(2)) map.set(key, 2, 2_000);
    await clock.pass(999);
    expect(map.get('a')).toBe(1);
    await clock.pass(1);
    expect(map.get('a')).toBeUndefined();
    expect(map.get('key-0')).toBe(2);
  });

  it('lets a new value and a new retention take the place of the old', async () => {
    const { clock, map } = create(4);
    map.set('a', 1, 1_000);
    map.set('a', 2, 5_000);
    await clock.pass(2_000);
    expect(map.get('a')).toBe(2);
    map.set('a', 3, 100);
    await clock.pass(100);
    expect(map.get('a')).toBeUndefined();
  });
});
