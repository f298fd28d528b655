import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bag, type InBag } from '../../../../lib/core/common/bag.js';
import { holds } from '../../../support/holds.js';

describe('Bag', () => {
  it('holds what a Set would, whatever is put in and taken out, also twice', async () => {
    const puts = fc.boolean();
    const index = fc.nat(9);
    await holds(
      fc.property(fc.array(fc.tuple(puts, index)), steps => {
        const things: InBag[] = Array.from({ length: 10 }, () => ({ place: 0 }));
        const bag = new Bag<InBag>();
        const set = new Set<InBag>();
        for (const [put, at] of steps) {
          const thing = things[at]!;
          if (!put) {
            bag.delete(thing);
            set.delete(thing);
          } else if (!set.has(thing)) {
            bag.add(thing);
            set.add(thing);
          }
          expect(bag.size).toBe(set.size);
          expect(new Set(bag)).toEqual(set);
        }
      }),
    );
  });
});
