import { expect, it } from 'vitest';
import { stackOf } from '../../../../lib/core/errors/stack-of.js';

it('is the stack of an error', () => {
  const error = new TypeError('no');
  expect(stackOf(error)).toBe(error.stack);
});

it('names the type of anything else, and quotes nothing', () => {
  expect(stackOf('+15550100')).toBe('It threw a value of type string');
  expect(stackOf(undefined)).toBe('It threw a value of type undefined');
});

it('survives an error that throws when it is read', () => {
  const hostile = Object.defineProperty(new Error('no'), 'stack', {
    get: () => {
      throw new Error('gotcha');
    },
  });
  expect(stackOf(hostile)).toBe('It threw an error that cannot be read');
});
