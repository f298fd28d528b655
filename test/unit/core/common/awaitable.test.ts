import { expect, it } from 'vitest';
import { isThenable } from '../../../../lib/core/common/awaitable.js';

it.each([
  ['a promise', Promise.resolve(), true],
  ["another library's promise", { then: () => undefined }, true],
  ['a function that is one', Object.assign(() => undefined, { then: () => undefined }), true],
  ['an object with another `then`', { then: 'x' }, false],
  ['an object', {}, false],
  ['text', 'then', false],
  ['null', null, false],
  ['undefined', undefined, false],
])('says of %s whether to wait for it', (_name, value, expected) => {
  expect(isThenable<unknown>(value)).toBe(expected);
});
