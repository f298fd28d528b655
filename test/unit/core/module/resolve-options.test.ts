import { MemoryIdempotencyStore, RevragConfigurationError } from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { resolveOptions } from '../../../../lib/core/module/resolve-options.js';

const DAY = 86_400;
const MAX_TIMER = 2 ** 31 - 1;
const resolve = (options: object) => resolveOptions({ secret: 'x', ...options }, 'loans');

describe('options', () => {
  it('have defaults, in bytes and milliseconds', () => {
    const { secret, ...options } = resolve({});
    expect(secret).toBe('x');
    expect(options).toEqual({
      secretHeaders: [],
      secretMaxStale: 3_600_000,
      tolerance: 300_000,
      bodyLimit: 5 * 1024 ** 2,
      strict: false,
      bodyTimeout: 30_000,
      accept: undefined,
      store: undefined,
      idempotent: true,
      by: 'delivery',
      retention: 3 * DAY * 1000,
      lease: 60_000,
      handlerTimeout: undefined,
      graceTimeout: 60_000,
      onStuck: 'keep',
      shutdownTimeout: 10_000,
    });
  });

  it('are as they are given', () => {
    const accept = () => true;
    const store = new MemoryIdempotencyStore();
    const given = {
      secretHeaders: ['X-Tenant_1'],
      secretMaxStale: 1,
      tolerance: 60,
      bodyLimit: 7,
      validation: 'strict',
      bodyTimeout: 2_000,
      accept,
      idempotency: { store, by: 'call', retention: 120, lease: 3 },
      handlerTimeout: 4,
      graceTimeout: 5,
      onStuck: 'release',
      shutdownTimeout: 6,
    };
    expect(resolve(given)).toMatchObject({
      secretHeaders: ['x-tenant_1'],
      secretMaxStale: 1_000,
      tolerance: 60_000,
      bodyLimit: 7,
      strict: true,
      bodyTimeout: 2_000,
      accept,
      store,
      idempotent: true,
      by: 'call',
      retention: 120_000,
      lease: 3_000,
      handlerTimeout: 4,
      graceTimeout: 5,
      onStuck: 'release',
      shutdownTimeout: 6,
    });
  });

  it.each([['a secret'], [['one', 'two']], [undefined], [null]])(
    'may be the secret alone: %o',
    secret => {
      expect(resolveOptions(secret as string, 'loans').secret).toEqual(secret);
    },
  );

  it('turn idempotency off', () => {
    expect(resolve({ idempotency: false })).toMatchObject({ idempotent: false, store: undefined });
  });

  it('let no body take longer than the tolerance', () => {
    expect(resolve({ tolerance: 20 }).bodyTimeout).toBe(20_000);
    expect(resolve({ tolerance: 31 }).bodyTimeout).toBe(30_000);
  });
});

describe('a limit in bytes', () => {
  it.each([
    ['512', 512],
    ['512b', 512],
    ['1kb', 1024],
    ['1 KB', 1024],
    ['1.5mb', 1.5 * 1024 ** 2],
    ['2gb', 2 * 1024 ** 3],
    ['1.0001kb', 1024],
    ['10.25kb', 10.25 * 1024],
  ])('may be %o', (bodyLimit, bytes) => {
    expect(resolve({ bodyLimit }).bodyLimit).toBe(bytes);
  });

  it.each([
    '',
    'kb',
    '1 tb',
    '1kb ',
    ' 1kb',
    '1  kb',
    '.5kb',
    '1.kb',
    '-1kb',
    '1k',
    'x1kb',
    '0.5b',
  ])('may not be %o', bodyLimit => {
    expect(() => resolve({ bodyLimit })).toThrow(/^RevRag webhook endpoint "loans": bodyLimit/);
  });
});

describe('a number', () => {
  const idempotency = (name: string) => (value: unknown) => ({ idempotency: { [name]: value } });
  const option = (name: string) => (value: unknown) => ({ [name]: value });

  it.each<[string, (value: unknown) => object, min: number, max: number]>([
    ['secretMaxStale', option('secretMaxStale'), 0, 30 * DAY],
    ['tolerance', option('tolerance'), 1, DAY],
    ['bodyLimit', option('bodyLimit'), 1, Number.MAX_SAFE_INTEGER],
    ['bodyTimeout', option('bodyTimeout'), 1, MAX_TIMER],
    ['handlerTimeout', option('handlerTimeout'), 1, MAX_TIMER],
    ['graceTimeout', option('graceTimeout'), 0, MAX_TIMER],
    ['shutdownTimeout', option('shutdownTimeout'), 0, MAX_TIMER],
    ['idempotency.lease', idempotency('lease'), 1, DAY],
    ['idempotency.retention', idempotency('retention'), 600, 10 * 365 * DAY],
  ])('%s has its borders', (name, make, min, max) => {
    for (const value of [min, max]) expect(() => resolve(make(value))).not.toThrow();
    for (const value of [min - 0.5, max + 1, NaN, Infinity, '100', null]) {
      if (name === 'bodyLimit' && typeof value === 'string') continue;
      expect(() => resolve(make(value)), String(value)).toThrow(RevragConfigurationError);
      expect(() => resolve(make(value)), String(value)).toThrow(`"loans": ${name} `);
    }
  });

  it('of retention is twice the tolerance at least', () => {
    const of = (retention: number) => resolve({ tolerance: 100, idempotency: { retention } });
    expect(of(200).retention).toBe(200_000);
    expect(() => of(199)).toThrow(/retention \(199 s\) must be at least twice the tolerance \(100/);
  });
});

it.each<[string, object, string | RegExp]>([
  ['an unknown option', { secrets: 1 }, /no option secrets. Known are secret, secretHeaders, .*,/],
  ...['name', 'path', 'decorators', 'isGlobal'].map((name): [string, object, RegExp] => [
    `${name}, of the module`,
    { [name]: 1 },
    new RegExp(`no option ${name}. It is an option of the module: give it to forRootAsync`),
  ]),
  [
    'an unknown option of idempotency',
    { idempotency: { ttl: 1 } },
    'no option idempotency.ttl. Known are store, by, retention, lease.',
  ],
  [
    'idempotency that is no object',
    { idempotency: true },
    /idempotency must be false or an object/,
  ],
  ['idempotency that is null', { idempotency: null }, /idempotency must be false or an object/],
  ['another validation', { validation: 'loose' }, "validation must be 'lenient' or 'strict'."],
  ['another scope', { idempotency: { by: 'id' } }, "by must be 'delivery' or 'call'."],
  ['another onStuck', { onStuck: 'kill' }, "onStuck must be 'keep' or 'release'."],
  ['accept that is no function', { accept: true }, 'accept must be a function.'],
  ['accept that is null', { accept: null }, 'accept must be a function.'],
  ...['x-tenant', ['x tenant'], [''], [7], ['x'.repeat(101)], ['x-ok', 'x:y'], [['x']], null].map(
    (secretHeaders): [string, object, RegExp] => [
      `secretHeaders ${JSON.stringify(secretHeaders)}`,
      { secretHeaders },
      /secretHeaders must be a list of names of headers/,
    ],
  ),
  ['a store that is null', { idempotency: { store: null } }, 'it has no claim().'],
  ...['claim', 'renew', 'record', 'end'].map((name): [string, object, string] => {
    const store = Object.assign(new MemoryIdempotencyStore(), { [name]: 'x' });
    return [`a store whose ${name} is none`, { idempotency: { store } }, `it has no ${name}().`];
  }),
])('refuses %s', (_name, options, message) => {
  expect(() => resolve(options)).toThrow(RevragConfigurationError);
  expect(() => resolve(options)).toThrow(message);
});

it('accepts names of headers of 100 characters', () => {
  const secretHeaders = ['x'.repeat(100)];
  expect(resolve({ secretHeaders })).toMatchObject({ secretHeaders });
});
