import { expect, it } from 'vitest';
import { definedOf } from '../../../lib/bullmq/defined-of.js';

it('leaves out what is undefined, and nothing else', () => {
  const given = { a: undefined, b: null, c: 0, d: '', e: false };
  expect(Object.entries(definedOf(given))).toEqual([
    ['b', null],
    ['c', 0],
    ['d', ''],
    ['e', false],
  ]);
});
