import { MemoryIdempotencyStore, type Claim } from 'nestjs-revrag-webhook';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Logger } from '@nestjs/common';
import { claimOf, identityOf, requestOf } from '../../../support/claims.js';
import { ManualClock } from '../../../support/manual-clock.js';

const HOUR = 3_600_000;
const done = { handlerIds: ['A'], retention: HOUR };

function process(store: MemoryIdempotencyStore, id: string): void {
  const result = store.claim(requestOf(id, { retention: HOUR }));
  if (result.status === 'claimed') store.end(result.claim, done);
}

afterEach(() => vi.restoreAllMocks());

describe('MemoryIdempotencyStore', () => {
  it.each([0, -1, NaN, 'many' as never])('takes no %s for a number of entries', maxEntries => {
    expect(() => new MemoryIdempotencyStore({ maxEntries })).toThrow('maxEntries must be');
  });

  it('forgets the longest unseen when it is full, and says so once', () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const store = new MemoryIdempotencyStore({ maxEntries: 100 });
    for (let index = 0; index < 100; index += 1) process(store, `id-${index}`);
    expect(warn).not.toHaveBeenCalled();
    expect(store.claim(requestOf('id-0'))).toMatchObject({ status: 'completed' });
    for (let index = 0; index < 200; index += 1) process(store, `more-${index}`);
    expect(store.claim(requestOf('id-1'))).toMatchObject({ status: 'claimed' });
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]![0]).toMatch(/memory store is full/);
  });

  it('says nothing when it drops what is forgotten anyway', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const clock = new ManualClock(1);
    const store = new MemoryIdempotencyStore({ maxEntries: 10, now: () => clock.monotonic() });
    for (let index = 0; index < 10; index += 1) process(store, `id-${index}`);
    await clock.pass(HOUR);
    for (let index = 0; index < 10; index += 1) process(store, `more-${index}`);
    expect(warn).not.toHaveBeenCalled();
  });

  it('never forgets a claim that is held, however many others come and however long it takes', async () => {
    vi.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const clock = new ManualClock(1);
    const store = new MemoryIdempotencyStore({ maxEntries: 10, now: () => clock.monotonic() });
    const claims: Claim[] = [];
    for (let index = 0; index < 50; index += 1) claims.push(await claimOf(store, `held-${index}`));
    await clock.pass(1_000 * HOUR);
    for (let index = 0; index < 100; index += 1) process(store, `id-${index}`);
    for (const [index, claim] of claims.entries()) {
      expect(store.claim(requestOf(`held-${index}`))).toMatchObject({ status: 'in_progress' });
      expect(store.end(claim, done)).toBe(true);
      expect(store.claim(requestOf(`held-${index}`))).toMatchObject({ status: 'completed' });
    }
  });

  it('remembers until retention is over, to the millisecond', async () => {
    const clock = new ManualClock(1);
    const store = new MemoryIdempotencyStore({ now: () => clock.monotonic() });
    process(store, 'a');
    await clock.pass(HOUR - 1);
    expect(store.claim(requestOf('a'))).toMatchObject({ status: 'completed' });
    await clock.pass(1);
    expect(store.claim(requestOf('a'))).toMatchObject({ status: 'claimed' });
  });

  it('drops forgotten deliveries of a call that goes on', async () => {
    const clock = new ManualClock(1);
    const store = new MemoryIdempotencyStore({ now: () => clock.monotonic() });
    const request = (body: string) =>
      requestOf(body, { identity: { call: 'call', body, id: `id-of-${body}` }, retention: 1 });
    for (let index = 0; index < 1_000; index += 1) {
      const result = store.claim(request(`body-${index}`));
      if (result.status !== 'claimed') throw new Error(result.status);
      store.end(result.claim, { handlerIds: ['A'], retention: 1 });
      await clock.pass(1);
    }
    let chained = 0;
    const { calls } = store as unknown as { calls: { get(call: string): { next?: object } } };
    for (let entry: { next?: object } | undefined = calls.get('call'); entry;) {
      chained += 1;
      entry = entry.next;
    }
    expect(chained).toBeLessThan(5);
  });

  /** What it holds, which nothing but memory shows. */
  interface Inside {
    readonly calls: { get(call: string): { aliases: Set<string> | undefined } };
    readonly lists: Map<string, readonly string[]>;
  }

  it('keeps sixteen further names of a delivery, and none of one that comes as it came first', () => {
    const store = new MemoryIdempotencyStore();
    const { calls } = store as unknown as Inside;
    const identity = identityOf('a');
    process(store, 'a');
    process(store, 'a');
    expect(calls.get(identity.call).aliases).toBeUndefined();
    for (let index = 0; index < 100; index += 1) {
      store.claim(requestOf('a', { identity: { ...identity, id: `id-${index}` } }));
    }
    expect(calls.get(identity.call).aliases!.size).toBe(16);
  });

  it('shares the list of handlers that have finished, in whatever order, up to a thousand lists', async () => {
    const store = new MemoryIdempotencyStore();
    const { lists } = store as unknown as Inside;
    for (const [call, handlerIds] of [
      ['a', ['A', 'B']],
      ['b', ['B', 'A']],
    ] as const) {
      store.end(await claimOf(store, call, { handlerIds }), { handlerIds, retention: HOUR });
    }
    expect([...lists.values()]).toEqual([['A', 'B']]);
    for (let index = 0; index < 1_500; index += 1) {
      const handlerIds = [`handler-${index}`];
      const claim = await claimOf(store, `c-${index}`, { handlerIds });
      store.end(claim, { handlerIds, retention: HOUR });
      expect(store.claim(requestOf(`c-${index}`, { handlerIds }))).toMatchObject({
        status: 'completed',
      });
    }
    expect(lists.size).toBe(1_000);
  });

  it('gives fences that are greater than those of an earlier process', async () => {
    const before = Date.now();
    const { fence } = await claimOf(new MemoryIdempotencyStore(), 'a');
    expect(fence).toBeGreaterThanOrEqual(before);
    expect(fence).toBeLessThanOrEqual(Date.now());
  });

  it('is asked again after a second', async () => {
    const store = new MemoryIdempotencyStore();
    await claimOf(store, 'a');
    expect(store.claim(requestOf('a'))).toEqual({ status: 'in_progress', retryAfter: 1_000 });
  });
});
