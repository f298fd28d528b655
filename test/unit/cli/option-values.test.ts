import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { headerValue, time, wholeNumber } from '../../../lib/cli/option-values.js';

const NOW = new Date('2026-06-01T12:00:00Z');

describe('a time', () => {
  it.each([
    ['1780000000', '2026-05-28T20:26:40.000Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
    ['99999999999', '5138-11-16T09:46:39.000Z'],
    ['2026-06-01T12:00:00Z', '2026-06-01T12:00:00.000Z'],
    ['2026-06-01T12:00:00+05:30', '2026-06-01T06:30:00.000Z'],
    ['-10m', '2026-06-01T11:50:00.000Z'],
    ['+30s', '2026-06-01T12:00:30.000Z'],
    ['+30', '2026-06-01T12:00:30.000Z'],
    ['-2h', '2026-06-01T10:00:00.000Z'],
    ['+0', '2026-06-01T12:00:00.000Z'],
  ])('may be %s', (text, expected) => {
    expect(time(text)(NOW).toISOString()).toBe(expected);
  });

  // Milliseconds would be taken for a year far away.
  it.each([
    '',
    'noon',
    '178000000000',
    '1780000000000',
    '-10d',
    '10m',
    '-12345678',
    '1969-12-31T00:00:00Z',
  ])('may not be %o', text => {
    expect(() => time(text)).toThrow(InvalidArgumentError);
    expect(() => time(text)).toThrow(/Unix seconds .* ISO 8601 .* from now/);
  });
});

describe('a whole number', () => {
  it('has its borders', () => {
    const parse = wholeNumber(2, 500);
    expect([parse('2'), parse('500'), parse('007')]).toEqual([2, 500, 7]);
    for (const text of ['1', '501', '', '2.5', '-3', '1e2', ' 3', '0x10']) {
      expect(() => parse(text), text).toThrow(InvalidArgumentError);
      expect(() => parse(text), text).toThrow('from 2 to 500');
    }
    expect(wholeNumber(0, 1e12)('999999999')).toBe(999_999_999);
    expect(() => wholeNumber(0, 1e12)('1000000000')).toThrow(InvalidArgumentError);
  });
});

describe('text for a header', () => {
  it('is ASCII without spaces', () => {
    expect(headerValue('!evt_1~')).toBe('!evt_1~');
    for (const text of ['', ' a', 'a b', 'a\n', 'é', '\u007f']) {
      expect(() => headerValue(text), JSON.stringify(text)).toThrow(InvalidArgumentError);
    }
  });
});
