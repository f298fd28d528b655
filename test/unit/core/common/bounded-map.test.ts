import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../../../lib/core/common/bounded-map.js';

describe('BoundedMap', () => {
  it('holds no more than its bound, however many are put in', () => {
    const map = new BoundedMap<number, number>(100);
    for (let key = 0; key < 10_000; key += 1) map.set(key, key);
    const held = Array.from({ length: 10_000 }, (_, key) => key).filter(
      key => map.get(key) === key,
    );
    expect(held).toEqual(Array.from({ length: 100 }, (_, index) => 9_900 + index));
  });

  it('drops the one used least recently', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
    map.set('a', 4);
    expect([map.get('a'), map.get('c')]).toEqual([4, 3]);
    map.delete('a');
    expect([map.get('a'), map.get('c')]).toEqual([undefined, 3]);
  });
});
