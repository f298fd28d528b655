import { Logger } from '@nestjs/common';
import { RevragConfigurationError, RevragUnavailableError } from 'nestjs-revrag-webhook';
import type { SecretSource } from 'nestjs-revrag-webhook';
import { beforeEach, describe, expect, it } from 'vitest';
import { SecretKeys } from '../../../../lib/core/signature/secret-keys.js';
import { ManualClock } from '../../../support/manual-clock.js';

const MINUTE = 60_000;
let clock: ManualClock;
const keysOf = (source: SecretSource | undefined) =>
  new SecretKeys(source as SecretSource, 'sales', clock);

beforeEach(() => {
  clock = new ManualClock();
  Logger.overrideLogger(false);
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

  it('are prepared once', async () => {
    const keys = keysOf(['a', 'b']);
    expect(await keys.current()).toHaveLength(2);
    expect(keys.current()).toBe(keys.current());
    expect(await keys.newer(await keys.current())).toBeUndefined();
  });
});

describe('a secret function', () => {
  it('is asked at the first delivery, once for many, and again after a minute', async () => {
    let asked = 0;
    const keys = keysOf(() => `secret-${(asked += 1)}`);
    expect(asked).toBe(0);
    await Promise.all([keys.current(), keys.current(), keys.current()]);
    expect(asked).toBe(1);
    await clock.pass(MINUTE - 1);
    await keys.current();
    expect(asked).toBe(1);
    await clock.pass(1);
    await keys.current();
    expect(asked).toBe(2);
  });

  it('is asked early after a mismatch, but not at every forged delivery', async () => {
    let asked = 0;
    const keys = keysOf(() => Promise.resolve(`secret-${(asked += 1)}`));
    const before = await keys.current();
    expect(await keys.newer(before)).toBeUndefined();
    await clock.pass(5_000);
    // All that come while it is asked wait for the same answer, and who comes later is given it.
    const [first, second] = await Promise.all([keys.newer(before), keys.newer(before)]);
    expect(first).toHaveLength(1);
    expect(second).toBe(first);
    expect(await keys.newer(before)).toBe(first);
    expect(await keys.newer(first!)).toBeUndefined();
    expect(asked).toBe(2);
  });

  it('keeps its last answer in use while it fails', async () => {
    let fails = false;
    const keys = keysOf(() => {
      if (fails) throw new Error('vault away');
      return 'secret';
    });
    const before = await keys.current();
    fails = true;
    await clock.pass(MINUTE);
    expect(await keys.current()).toBe(before);
  });

  it('that hangs is not waited for long, and its last answer stays in use', async () => {
    let hangs = false;
    const keys = keysOf(() => (hangs ? new Promise<string>(() => undefined) : 'secret'));
    const before = await keys.current();
    hangs = true;
    await clock.pass(MINUTE);
    const waiting = keys.current();
    expect(await keys.current()).toBe(before);
    await clock.pass(5_000);
    expect(await waiting).toBe(before);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('vault away'))],
    ['answers nothing', () => undefined as unknown as string],
    ['answers an empty secret', () => ''],
  ])('that %s before it ever answered makes the endpoint unavailable', async (_name, source) => {
    const keys = keysOf(source);
    const error: unknown = await Promise.resolve(keys.current()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RevragUnavailableError);
    expect(error).toMatchObject({ code: 'secret_unavailable', retryAfter: 10 });
  });

  it('is asked again at once after such a failure', async () => {
    let asked = 0;
    const keys = keysOf(() => {
      asked += 1;
      if (asked === 1) throw new Error('vault away');
      return 'secret';
    });
    await expect(keys.current()).rejects.toThrow(RevragUnavailableError);
    expect(await keys.current()).toHaveLength(1);
  });
});
