import { expect, it } from 'vitest';
import { RevragConfigurationError } from 'nestjs-revrag-webhook';
import { resolveModuleOptions } from '../../../../lib/core/module/resolve-module-options.js';

it('have defaults', () => {
  expect(resolveModuleOptions({})).toEqual({
    name: 'default',
    path: 'webhooks/revrag',
    decorators: [],
    isGlobal: true,
  });
});

it('are as they are given', () => {
  const given = {
    name: 'loans-1.b_c',
    path: false,
    decorators: [() => undefined],
    isGlobal: false,
  };
  expect(resolveModuleOptions(given as never)).toEqual(given);
});

it.each([
  ['hooks', 'hooks'],
  ['//hooks//a//', 'hooks//a'],
  ['', ''],
  ['/', ''],
  ['a-b/c.d/~e/%20/_f', 'a-b/c.d/~e/%20/_f'],
  ['hooks/:agent/:_b1', 'hooks/:agent/:_b1'],
  [`/${'x'.repeat(199)}`, 'x'.repeat(199)],
])('may have the path %o', (path, resolved) => {
  expect(resolveModuleOptions({ path }).path).toBe(resolved);
});

it.each([
  'a b',
  'a?b',
  'hooks/*',
  'x:id',
  ':1a',
  ':',
  ':a:b',
  ':a-b',
  '{a}',
  'a/b c',
  'a b/c',
  'x'.repeat(201),
  null,
  true,
  7,
  ['a'],
])('may not have the path %o', path => {
  const resolve = () => resolveModuleOptions({ name: 'loans', path } as never);
  expect(resolve).toThrow(RevragConfigurationError);
  expect(resolve).toThrow(/endpoint "loans": path must be a path of text and parameters/);
});

it.each(['', 'a b', ' a', 'a ', 'a/b', null, 7, ['a']])('may not have the name %o', name => {
  const resolve = () => resolveModuleOptions({ name } as never);
  expect(resolve).toThrow(RevragConfigurationError);
  expect(resolve).toThrow(/The name of a RevRag webhook endpoint is made of letters/);
});

it.each([null, 'Public', ['Public'], [() => undefined, {}]])(
  'may not have the decorators %o',
  decorators => {
    const resolve = () => resolveModuleOptions({ decorators } as never);
    expect(resolve).toThrow(RevragConfigurationError);
    expect(resolve).toThrow(/endpoint "default": decorators must be a list of called class/);
  },
);
