import { describe, expect, it } from 'vitest';
import { Bag } from '../../../../lib/core/common/bag.js';
import { Generations, type Pinned } from '../../../../lib/core/idempotency/generations.js';

const keys = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);

describe('Generations', () => {
  it('keeps as many entries as it is told to', () => {
    for (const wanted of keys(10)) {
      const map = new Generations<number>(10);
      for (const key of keys(10)) map.set(key, 1);
      expect(map.get(wanted)).toBe(1);
    }
  });

  it('keeps the latest half for certain, and never more than all', () => {
    const map = new Generations<number>(100);
    const all = keys(1_000);
    for (const [index, key] of all.entries()) {
      map.set(key, index);
      const oldestOfHalf = all[Math.max(0, index - 49)]!;
      expect(map.get(key)).toBe(index);
      if (index % 97 === 0) expect(map.get(oldestOfHalf)).toBe(Math.max(0, index - 49));
    }
    expect(all.filter(key => map.get(key) !== undefined).length).toBeLessThanOrEqual(100);
  });

  it('lets the longest unseen go first', () => {
    const map = new Generations<number>(10);
    for (const key of keys(200)) {
      map.set(key, 1);
      expect(map.get('key-0')).toBe(1);
    }
    expect(map.get('key-1')).toBeUndefined();
  });

  it('lets a new value take the place of the old, and forgets what is deleted', () => {
    const map = new Generations<number>(4);
    map.set('a', 1);
    map.set('a', 2);
    expect(map.get('a')).toBe(2);
    for (const key of keys(2)) map.set(key, 0);
    map.set('a', 3);
    expect(map.get('a')).toBe(3);
    map.delete('a');
    expect(map.get('a')).toBeUndefined();
  });

  it('keeps what is pinned beyond that, and as many others as without', () => {
    const pinned = new Bag<Pinned>();
    const map = new Generations<Pick<Pinned, 'id'>>(10, pinned);
    for (const id of keys(20)) {
      map.set(id, { id });
      pinned.add({ id, place: 0 });
    }
    const others = Array.from({ length: 100 }, (_, index) => `other-${index}`);
    for (const id of others) map.set(id, { id });
    for (const [place, id] of keys(20).entries()) expect(map.get(id)).toEqual({ id, place });
    for (const id of others.slice(-5)) expect(map.get(id)).toEqual({ id });
    expect(others.filter(id => map.get(id) !== undefined).length).toBeLessThanOrEqual(10);
  });

  it('counts those that are no longer pinned', () => {
    const pinned = new Bag<Pinned>();
    const map = new Generations<Pick<Pinned, 'id'>>(10, pinned);
    for (const id of keys(20)) {
      map.set(id, { id });
      pinned.add({ id, place: 0 });
    }
    for (const one of [...pinned]) {
      pinned.delete(one);
      map.set(one.id, one);
    }
    for (const id of ['x', 'y', 'z', 'u', 'v', 'w']) map.set(id, { id });
    expect(keys(20).filter(id => map.get(id) !== undefined).length).toBeLessThanOrEqual(10);
  });
});
