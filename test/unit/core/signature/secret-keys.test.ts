import { Logger } from '@nestjs/common';
import {
  RevragConfigurationError,
  RevragUnavailableError,
  RevragUnknownEndpointError,
} from 'nestjs-revrag-webhook';
import type { SecretAnswer, SecretRequest, SecretSource } from 'nestjs-revrag-webhook';
import { beforeEach, describe, expect, it } from 'vitest';
import { SecretKeys } from '../../../../lib/core/signature/secret-keys.js';
import { deferred } from '../../../support/deferred.js';
import { LogCollector } from '../../../support/logs.js';
import { ManualClock } from '../../../support/manual-clock.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const MAX_STALE = 10 * MINUTE;
let clock: ManualClock;
let logs: LogCollector;
const keysOf = (source: SecretSource | undefined) =>
  new SecretKeys(source as SecretSource, 'sales', clock, MAX_STALE);
const request = (params: SecretRequest['params'] = {}): SecretRequest => ({
  endpoint: 'sales',
  params,
  headers: {},
});
const PLAIN = request();
const get = async (keys: SecretKeys, of = PLAIN) => keys.keysFor(of);
/** The code of the refusal, or how many keys there are. */
const outcome = (keys: SecretKeys, of = PLAIN): Promise<unknown> =>
  get(keys, of).then(
    list => list.length,
    (error: unknown) => (error as { code?: unknown }).code,
  );

beforeEach(() => {
  clock = new ManualClock();
  logs = new LogCollector();
  Logger.overrideLogger(logs);
});

describe('fixed secrets [pitfall 6]', () => {
  it.each([
    ['undefined', undefined, /missing.*environment variable/s],
    ['null', null, /missing/],
    ['an empty text', '', /empty/],
    ['white space', '  \n', /empty/],
    ['a trailing line break', 'whsec_abc\n', /white space/],
    ['a leading space', ' whsec_abc', /white space/],
    ['an empty list', [], /list of secrets is empty/],
    ['a list with a gap', ['whsec_abc', undefined], /missing/],
    ['a number', 42, /type number/],
  ])('can not be %s', (_name, secret, message) => {
    const prepare = () => keysOf(secret as SecretSource);
    expect(prepare).toThrow(RevragConfigurationError);
    expect(prepare).toThrow(message);
    expect(prepare).toThrow(/endpoint "sales"/);
  });

  it('are not repeated by the error', () => {
    expect(() => keysOf('whsec_abc ')).not.toThrow(/whsec_abc/);
  });

  it('are prepared once, whatever is asked for', async () => {
    const keys = keysOf(['a', 'b']);
    expect(await get(keys)).toHaveLength(2);
    expect(await get(keys)).toBe(await get(keys, request({ agent: 'a' })));
    expect(await keys.newerFor(PLAIN, await get(keys))).toBeUndefined();
    expect(keys.hasFixedSecrets).toBe(true);
    expect(keysOf(() => 'a').hasFixedSecrets).toBe(false);
  });

  it.each<[SecretSource, SecretSource, boolean]>([
    [['a', 'b'], ['c', 'b'], true],
    ['b', ['a', 'b'], true],
    [['a', 'b'], ['c', 'd'], false],
    ['a', () => 'a', false],
    [() => 'a', 'a', false],
    [() => 'a', () => 'a', false],
  ])('%j and %j overlap: %j', (one, other, overlap) => {
    expect(keysOf(one).overlap(keysOf(other))).toBe(overlap);
  });
});

describe('a secret function', () => {
  it('is asked at the first delivery, once for many, and again after a minute', async () => {
    let asked = 0;
    const keys = keysOf(() => `secret-${(asked += 1)}`);
    expect(asked).toBe(0);
    await Promise.all([get(keys), get(keys), get(keys)]);
    expect(asked).toBe(1);
    await clock.pass(MINUTE - 1);
    // At hand, so that nothing need be awaited.
    expect(await get(keys)).toHaveLength(1);
    expect(asked).toBe(1);
    await clock.pass(1);
    await get(keys);
    expect(asked).toBe(2);
  });

  it('is asked early after a mismatch, but not at every forged delivery', async () => {
    let asked = 0;
    const keys = keysOf(() => Promise.resolve(`secret-${(asked += 1)}`));
    const before = await get(keys);
    expect(await keys.newerFor(PLAIN, before)).toBeUndefined();
    await clock.pass(5 * SECOND);
    // All that come while it is asked wait for the same answer, and who comes later is given it.
    const both = [keys.newerFor(PLAIN, before), keys.newerFor(PLAIN, before)];
    const [first, second] = await Promise.all(both);
    expect(first).toHaveLength(1);
    expect(second).toBe(first);
    expect(await keys.newerFor(PLAIN, before)).toBe(first);
    expect(await keys.newerFor(PLAIN, first!)).toBeUndefined();
    await clock.pass(5 * SECOND);
    expect(await keys.newerFor(PLAIN, before)).toBe(first);
    expect(asked).toBe(2);
  });

  it('is asked every five seconds while it fails, not for each of 1,000 forged deliveries', async () => {
    let asked = 0;
    const keys = keysOf(() => {
      asked += 1;
      return Promise.reject(new Error('vault down'));
    });
    for (let sent = 0; sent < 1_000; sent += 1) {
      expect(await outcome(keys)).toBe('secret_unavailable');
    }
    expect(asked).toBe(1);
    await clock.pass(5 * SECOND);
    await outcome(keys);
    expect(asked).toBe(2);
  });

  it('is heard as soon as it answers again', async () => {
    let fails = true;
    const keys = keysOf(() => {
      if (fails) throw new Error('vault down');
      return 'secret';
    });
    expect(await outcome(keys)).toBe('secret_unavailable');
    fails = false;
    await clock.pass(5 * SECOND);
    expect(await outcome(keys)).toBe(1);
  });

  it('keeps its last answer in use while it fails, up to a bound', async () => {
    let fails = false;
    const keys = keysOf(() => {
      if (fails) throw new Error('vault down');
      return 'secret';
    });
    const before = await get(keys);
    fails = true;
    await clock.pass(MINUTE);
    expect(await get(keys)).toBe(before);
    await clock.pass(MAX_STALE - 1);
    expect(await get(keys)).toBe(before);
    await clock.pass(1);
    expect(await outcome(keys)).toBe('secret_unavailable');
  });

  it('keeps its last answer while it answers what is no secret, and says what is wrong', async () => {
    let answer = 'secret';
    const keys = keysOf(() => answer);
    const before = await get(keys);
    answer = 'whsec_padded\n';
    await clock.pass(MINUTE);
    expect(await get(keys)).toBe(before);
    expect(logs.text).toContain('white space');
    expect(logs.text).not.toContain('whsec_padded');
  });

  it.each<[string, SecretAnswer]>([
    ['undefined', undefined],
    ['null', null],
    ['an empty text', ''],
    ['an empty list', []],
    ['a list of nothing', ['']],
  ])('that answers %s takes the secret back, until it answers one again', async (_name, none) => {
    let answer: SecretAnswer = 'secret';
    const keys = keysOf(() => answer);
    expect(await outcome(keys)).toBe(1);
    answer = none;
    await clock.pass(MINUTE);
    expect(await outcome(keys)).toBe('secret_unavailable');
    expect(logs.text).toContain('deliveries get 503. The secret function returned none');
    answer = 'secret';
    await clock.pass(5 * SECOND);
    expect(await outcome(keys)).toBe(1);
  });

  it('that takes the secret back is heard after a mismatch, too', async () => {
    let answer: SecretAnswer = 'secret';
    const keys = keysOf(() => answer);
    const before = await get(keys);
    answer = undefined;
    await clock.pass(5 * SECOND);
    await expect(keys.newerFor(PLAIN, before)).rejects.toThrow(RevragUnavailableError);
    expect(await outcome(keys)).toBe('secret_unavailable');
  });

  it('that hangs is waited for five seconds, and its last answer stays in use', async () => {
    let hangs = false;
    const keys = keysOf(() => (hangs ? new Promise<string>(() => undefined) : 'secret'));
    const before = await get(keys);
    hangs = true;
    await clock.pass(MINUTE);
    const waiting = get(keys);
    await clock.pass(5 * SECOND);
    expect(await waiting).toBe(before);
    expect(await get(keys)).toBe(before);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('vault down'))],
    [
      'throws at once',
      () => {
        throw new Error('vault down');
      },
    ],
    ['answers nothing', () => undefined],
    ['answers an empty secret', () => ''],
    ['answers a number', () => 42 as unknown as string],
  ])('that %s before it ever answered makes the endpoint unavailable', async (_name, source) => {
    const error: unknown = await get(keysOf(source)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RevragUnavailableError);
    expect(error).toMatchObject({ code: 'secret_unavailable', retryAfter: 10 });
  });

  it('whose error quotes a secret does not have it quoted, in the log or in an error', async () => {
    const keys = keysOf(() => Promise.reject(new TypeError('bad line: key=whsec_quoted')));
    const error = (await get(keys).catch((e: unknown) => e)) as Error;
    expect(error.cause).toBe('The secret function: TypeError');
    expect(logs.of('error')).toEqual([
      expect.stringMatching(
        /^Endpoint "sales" cannot get its secret; deliveries get 503. The secret function: TypeError/,
      ),
    ]);
    expect(logs.text).not.toContain('whsec_quoted');
  });

  it('that fails for long is logged once a minute', async () => {
    const keys = keysOf(() => Promise.reject(new Error('vault down')));
    for (let second = 0; second <= 120; second += 1) {
      await outcome(keys);
      await clock.pass(SECOND);
    }
    expect(logs.of('error')).toHaveLength(3);
  });
});

describe('a secret function for a path with parameters', () => {
  it('is asked once a minute for each of 10,000 agents', async () => {
    const asked = new Map<string, number>();
    const keys = keysOf(({ params: { agent = '' } }) => {
      asked.set(agent, (asked.get(agent) ?? 0) + 1);
      return Promise.resolve(`secret of ${agent}`);
    });
    const agents = Array.from({ length: 10_000 }, (_, index) => request({ agent: `${index}` }));
    for (let from = 0; from < agents.length; from += 1_000) {
      const some = agents.slice(from, from + 1_000);
      await Promise.all(some.map(agent => get(keys, agent)));
      for (const agent of some) expect(await get(keys, agent)).toHaveLength(1);
      await clock.pass(10 * SECOND);
    }
    expect(asked.size).toBe(10_000);
    expect(new Set(asked.values())).toEqual(new Set([1]));
    // Those that are known are asked for as they come.
    await clock.pass(MINUTE);
    await Promise.all(agents.map(agent => get(keys, agent)));
    expect(new Set(asked.values())).toEqual(new Set([2]));
  });

  it('gives each its own, whatever the order or the text of the parameters', async () => {
    const seen: SecretRequest[] = [];
    const keys = keysOf(asked => {
      seen.push(asked);
      return 'secret';
    });
    const first = await get(keys, request({ bank: 'a', agent: 'b' }));
    expect(await get(keys, request({ agent: 'b', bank: 'a' }))).toBe(first);
    for (const other of [{ bank: 'ab', agent: '' }, { agent: 'a', bank: 'b' }, { agent: 'b' }]) {
      expect(await get(keys, request(other as SecretRequest['params']))).not.toBe(first);
    }
    expect(seen).toHaveLength(4);
    expect(seen[0]).toEqual({
      endpoint: 'sales',
      params: { bank: 'a', agent: 'b' },
      headers: {},
    });
  });

  it('says with undefined or null that there is no such endpoint, for a short time', async () => {
    let asked = 0;
    let answer: SecretAnswer = undefined;
    const keys = keysOf(() => {
      asked += 1;
      return answer;
    });
    const agent = request({ agent: 'new' });
    const error: unknown = await get(keys, agent).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RevragUnknownEndpointError);
    expect(error).toMatchObject({ code: 'unknown_endpoint' });
    answer = null;
    expect(await outcome(keys, agent)).toBe('unknown_endpoint');
    expect(asked).toBe(1);
    answer = 'secret';
    await clock.pass(5 * SECOND);
    expect(await outcome(keys, agent)).toBe(1);
    answer = null;
    await clock.pass(MINUTE);
    expect(await outcome(keys, agent)).toBe('unknown_endpoint');
    expect(logs.text).toBe('');
  });

  it('says with an empty text that the secret is taken back', async () => {
    let answer: SecretAnswer = '';
    const keys = keysOf(() => answer);
    const agent = request({ agent: 'a' });
    expect(await outcome(keys, agent)).toBe('secret_unavailable');
    expect(logs.text).toContain('returned none');
    answer = 'secret';
    await clock.pass(5 * SECOND);
    expect(await outcome(keys, agent)).toBe(1);
  });

  it('that fails for long does not make an endpoint unknown that it once did not know', async () => {
    let answer: () => SecretAnswer = () => undefined;
    const keys = keysOf(() => answer());
    const agent = request({ agent: 'new' });
    expect(await outcome(keys, agent)).toBe('unknown_endpoint');
    answer = () => 'secret';
    await clock.pass(5 * SECOND);
    expect(await outcome(keys, agent)).toBe(1);
    answer = () => {
      throw new Error('vault down');
    };
    await clock.pass(MINUTE + MAX_STALE);
    expect(await outcome(keys, agent)).toBe('secret_unavailable');
  });

  it('is not asked without limit for names that somebody invents, and known ones go on', async () => {
    let asked = 0;
    const keys = keysOf(({ params }) => {
      asked += 1;
      return params.agent === 'known' ? 'secret' : undefined;
    });
    const known = request({ agent: 'known' });
    await get(keys, known);
    const invent = (name: number) => outcome(keys, request({ agent: `invented ${name}` }));
    for (let name = 0; name < 5_000; name += 1) await invent(name);
    expect(asked).toBe(1_000);
    expect(await invent(6_000)).toBe('secret_unavailable');
    await clock.pass(SECOND);
    for (let name = 10_000; name < 11_000; name += 1) await invent(name);
    expect(asked).toBe(1_100);
    await clock.pass(MINUTE - SECOND);
    for (let name = 20_000; name < 26_000; name += 1) await invent(name);
    const before = asked;
    expect(await outcome(keys, known)).toBe(1);
    expect(asked).toBe(before + 1);
  });

  it('is asked by 32 at once, in their order', async () => {
    const gate = deferred();
    const started: string[] = [];
    const keys = keysOf(async ({ params: { agent = '' } }) => {
      started.push(agent);
      await gate.promise;
      return 'secret';
    });
    const all = Array.from({ length: 100 }, (_, index) =>
      get(keys, request({ agent: `${index}` })),
    );
    await clock.pass(0);
    expect(started).toHaveLength(32);
    gate.resolve();
    await Promise.all(all);
    expect(started).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`));
  });

  it('has at most 1,000 names wait for it, beside the 32 that are asked for', async () => {
    const keys = keysOf(() => new Promise<SecretAnswer>(() => undefined));
    let answered = 0;
    const invent = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        const agent = `${clock.now()} ${index}`;
        void outcome(keys, request({ agent })).then(() => (answered += 1));
      }
      await clock.pass(0);
    };
    await invent(1_000);
    await clock.pass(SECOND / 2);
    await invent(32);
    expect(answered).toBe(0);
    await invent(1);
    expect(answered).toBe(0);
    await clock.pass(1);
    await invent(1);
    expect(answered).toBe(1);
  });

  it('does not keep known endpoints waiting for names that somebody invents, however slow it is', async () => {
    let secret = 'old';
    let asked = 0;
    const keys = keysOf(({ params: { agent = '' } }) => {
      asked += 1;
      return agent === 'loans' ? secret : new Promise<SecretAnswer>(() => undefined);
    });
    await get(keys, request({ agent: 'loans' }));
    await clock.pass(MINUTE);
    const invent = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        void outcome(keys, request({ agent: `${clock.now()} ${index}` }));
      }
      await clock.pass(0);
    };
    await invent(900);
    secret = 'new';
    let known: unknown;
    void get(keys, request({ agent: 'loans' })).then(([key]) => (known = key?.export().toString()));
    await clock.pass(0);
    expect(known).toBe('new');
    // Nor do the questions that wait pile up.
    for (let second = 0; second < 60; second += 1) {
      await invent(100);
      await clock.pass(SECOND);
    }
    secret = 'newer';
    await clock.pass(MINUTE);
    await invent(100);
    expect((await get(keys, request({ agent: 'loans' })))[0]?.export().toString()).toBe('newer');
    expect(asked).toBeLessThan(2_000);
  });

  it('that hangs for ever is tried again, one question at a time, until it answers', async () => {
    let hangs = true;
    const keys = keysOf(() => (hangs ? new Promise<string>(() => undefined) : 'secret'));
    const all = Array.from({ length: 40 }, (_, i) => outcome(keys, request({ agent: `${i}` })));
    await clock.pass(20 * SECOND);
    expect(new Set(await Promise.all(all))).toEqual(new Set(['secret_unavailable']));
    hangs = false;
    expect(await outcome(keys, request({ agent: '0' }))).toBe(1);
    const others = Array.from({ length: 39 }, (_, i) =>
      outcome(keys, request({ agent: `${i + 1}` })),
    );
    expect(new Set(await Promise.all(others))).toEqual(new Set([1]));
  });
});
