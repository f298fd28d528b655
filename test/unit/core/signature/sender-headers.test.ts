import { describe, expect, it } from 'vitest';
import { senderHeaders } from '../../../../lib/core/signature/sender-headers.js';

const seen = (headers: Parameters<typeof senderHeaders>[0]) => ({ ...senderHeaders(headers) });

describe('the headers that a handler sees', () => {
  it.each([
    ['a plain object', { 'X-Agent': 'loans', 'X-List': ['a', 'b'], 'X-None': undefined }],
    [
      'Fetch headers',
      new Headers([
        ['X-Agent', 'loans'],
        ['X-List', 'a'],
        ['X-List', 'b'],
      ]),
    ],
  ])('have lower-case names and text as values, from %s', (_name, headers) => {
    expect(seen(headers)).toEqual({ 'x-agent': 'loans', 'x-list': 'a, b' });
  });

  it('have no signature and no credentials', () => {
    const withheld = ['Authorization', 'cookie', 'Proxy-Authorization', 'X-Webhook-Signature'];
    const headers = Object.fromEntries(withheld.map(name => [name, 'secret']));
    expect(seen({ ...headers, 'x-webhook-id': 'evt_1' })).toEqual({ 'x-webhook-id': 'evt_1' });
  });

  it('are frozen, and have no prototype that a name could reach', () => {
    const headers = senderHeaders(JSON.parse('{"__proto__":"x","constructor":"y"}') as never);
    expect(Object.isFrozen(headers)).toBe(true);
    expect(Object.getPrototypeOf(headers)).toBeNull();
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });

  it('are none of what can only be asked by name', () => {
    expect(seen({ get: () => 'x' })).toEqual({});
  });
});
