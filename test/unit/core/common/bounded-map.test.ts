import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../../../lib/core/common/bounded-map.js';

const keys = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);

describe('BoundedMap', () => {
  it('keeps as many entries as the bound, and drops the older half for one more', () => {
    for (const [index, wanted] of keys(10).entries()) {
      const map = new BoundedMap<number>(10);
      for (const key of keys(10)) map.set(key, 1);
      expect(map.get(wanted)).toBe(1);
      const full = new BoundedMap<number>(10);
      for (const key of keys(11)) full.set(key, 1);
      expect(full.get(wanted)).toBe(index < 5 ? undefined : 1);
    }
  });

  it('keeps the latest half for certain, and never more than all', () => {
    const map = new BoundedMap<number>(100);
    const all = keys(1_000);
    for (const [index, key] of all.entries()) {
      map.set(key, index);
      const oldestOfHalf = all[Math.max(0, index - 49)]!;
      expect(map.get(key)).toBe(index);
      if (index % 97 === 0) expect(map.get(oldestOfHalf)).toBe(Math.max(0, index - 49));
    }
    expect(all.filter(key => map.get(key) !== undefined).length).toBeLessThanOrEqual(100);
  });

  it('drops the longest unseen first', () => {
    const map = new BoundedMap<number>(10);
    for (const key of keys(200)) {
      map.set(key, 1);
      expect(map.get('key-0')).toBe(1);
    }
    expect(map.get('key-1')).toBeUndefined();
  });

  it('drops nothing for keys that it is asked for and does not have', () => {
    const map = new BoundedMap<number>(10);
    for (const key of keys(10)) map.set(key, 1);
    for (let index = 0; index < 100; index += 1) expect(map.get(`other-${index}`)).toBeUndefined();
    for (const key of keys(10).slice(5)) expect(map.get(key)).toBe(1);
  });

  it('deletes an entry of either generation', () => {
    const map = new BoundedMap<number>(4);
    for (const key of keys(3)) map.set(key, 1);
    map.delete('key-0');
    map.delete('key-2');
    expect(keys(3).map(key => map.get(key))).toEqual([undefined, 1, undefined]);
  });

  it('replaces values, also while they change generations', () => {
    const map = new BoundedMap<number>(4);
    map.set('a', 1);
    map.set('a', 2);
    expect(map.get('a')).toBe(2);
    for (const key of keys(2)) map.set(key, 0);
    map.set('a', 3);
    expect(map.get('a')).toBe(3);
  });

  it('keeps entries that must stay for as long as they must, and as many others as without', () => {
    const staying = new Set(keys(20));
    const map = new BoundedMap<string>(10, key => staying.has(key));
    for (const key of keys(20)) map.set(key, key);
    const others = Array.from({ length: 100 }, (_, index) => `other-${index}`);
    for (const key of others) map.set(key, key);
    for (const key of keys(20)) expect(map.get(key)).toBe(key);
    for (const key of others.slice(-5)) map.set(key, key);
    staying.clear();
    for (const key of others) map.set(key, key);
    expect(keys(20).filter(key => map.get(key) !== undefined)).toEqual([]);
  });
});
