import { randomUUID } from 'node:crypto';
import type { Claim, ClaimRequest, ClaimResult, IdempotencyStore } from 'nestjs-revrag-webhook';
import { beforeEach, describe, expect, it } from 'vitest';

/** What a store is tested with. */
export interface StoreUnderTest {
  readonly store: IdempotencyStore;
  /** Lets the store's time pass: by a clock where it has one, for real where it has none. */
  readonly pass: (milliseconds: number) => Promise<void>;
}

/** Short enough to be waited for where a store's clock can't be set. */
const LEASE = 300;
const RETENTION = 900;
const MAC_RETENTION = 600;

/** What every `IdempotencyStore` must do. */
export function describeIdempotencyStore(
  name: string,
  create: () => StoreUnderTest | Promise<StoreUnderTest>,
): void {
  describe(`${name} keeps the contract of IdempotencyStore`, () => {
    let store: IdempotencyStore;
    let pass: StoreUnderTest['pass'];
    /** Tests of one store may share a server, so each has an endpoint of its own. */
    let endpoint: string;

    beforeEach(async () => {
      ({ store, pass } = await create());
      endpoint = `e-${randomUUID()}`;
    });

    const request = (id: string, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
      endpoint,
      id,
      macs: [`mac-of-${id}`],
      lease: LEASE,
      macRetention: MAC_RETENTION,
      ...more,
    });
    const claim = async (id: string, more?: Partial<ClaimRequest>): Promise<ClaimResult> =>
      store.claim(request(id, more));
    const claimed = async (id: string, more?: Partial<ClaimRequest>): Promise<Claim> => {
      const result = await claim(id, more);
      if (result.status !== 'claimed') throw new Error(`expected a claim, got ${result.status}`);
      return result.claim;
    };

    it('gives a new delivery to the first who asks', async () => {
      const result = await claim('a');
      expect(result).toMatchObject({
        status: 'claimed',
        claim: { endpoint, id: 'a' },
        finished: [],
      });
    });

    it('tells others that it is in progress, and for how long at most', async () => {
      await claimed('a');
      const result = await claim('a');
      expect(result).toMatchObject({ status: 'in_progress', id: 'a' });
      const { retryAfter } = result as Extract<ClaimResult, { status: 'in_progress' }>;
      expect(retryAfter).toBeGreaterThan(0);
      expect(retryAfter).toBeLessThanOrEqual(LEASE);
    });

    it('gives each claim a token of its own', async () => {
      const tokens = new Set<string>();
      for (const id of ['a', 'b', 'c']) tokens.add((await claimed(id)).token);
      expect(tokens.size).toBe(3);
    });

    it('gives a delivery to one of many who ask at once', async () => {
      const results = await Promise.all(Array.from({ length: 50 }, () => claim('a')));
      expect(results.filter(({ status }) => status === 'claimed')).toHaveLength(1);
      expect(results.filter(({ status }) => status === 'in_progress')).toHaveLength(49);
    });

    it('knows a completed delivery as such, until retention is over', async () => {
      expect(await store.complete(await claimed('a'), RETENTION)).toBe(true);
      expect(await claim('a', { macs: ['other'] })).toEqual({ status: 'completed', id: 'a' });
      await pass(RETENTION + 100);
      expect(await claim('a', { macs: ['another'] })).toMatchObject({ status: 'claimed' });
    });

    it('gives a released delivery to the next who asks, with what has finished', async () => {
      const first = await claimed('a');
      expect(await store.record(first, ['H.one'], RETENTION)).toBe(true);
      expect(await store.release(first, ['H.one', 'H.two'], RETENTION)).toBe(true);
      const second = await claim('a');
      expect(second).toMatchObject({ status: 'claimed' });
      const { finished } = second as Extract<ClaimResult, { status: 'claimed' }>;
      expect([...finished].sort()).toEqual(['H.one', 'H.two']);
    });

    it('remembers nothing of a release after nothing', async () => {
      await store.release(await claimed('a'), [], RETENTION);
      expect(await claim('a')).toMatchObject({ status: 'claimed', finished: [] });
    });

    it('keeps what was recorded when the owner dies', async () => {
      await store.record(await claimed('a'), ['H.one'], RETENTION);
      await pass(LEASE + 100);
      expect(await claim('a')).toMatchObject({ status: 'claimed', finished: ['H.one'] });
    });

    it('forgets progress after retention', async () => {
      await store.release(await claimed('a'), ['H.one'], RETENTION);
      await pass(RETENTION + 100);
      expect(await claim('a')).toMatchObject({ status: 'claimed', finished: [] });
    });

    it('takes handler ids of any form', async () => {
      const ids = ['Class.method@"token"', 'ünïcode,{}', 'a b'];
      await store.release(await claimed('a'), ids, RETENTION);
      const again = (await claim('a')) as Extract<ClaimResult, { status: 'claimed' }>;
      expect([...again.finished].sort()).toEqual([...ids].sort());
    });

    it('takes delivery ids of any form', async () => {
      const ids = ['{x}', "'; drop table x; --", 'ünï cöde', 'a:b', '*', 'x'.repeat(4000)];
      for (const id of ids) {
        const owned = await claimed(id);
        expect(owned.id).toBe(id);
        expect(await store.complete(owned, RETENTION)).toBe(true);
        expect(await claim(id)).toEqual({ status: 'completed', id });
      }
    });

    it('lets a lease run out', async () => {
      await claimed('a');
      await pass(LEASE + 100);
      expect(await claim('a')).toMatchObject({ status: 'claimed' });
    });

    it('renews a lease', async () => {
      const owned = await claimed('a');
      await pass(LEASE - 150);
      expect(await store.renew(owned, LEASE * 2)).toBe(true);
      await pass(LEASE);
      expect(await claim('a')).toMatchObject({ status: 'in_progress' });
    });

    it('lets the owner finish late, as long as nobody else has claimed', async () => {
      const owned = await claimed('a');
      await pass(LEASE + 100);
      expect(await store.complete(owned, RETENTION)).toBe(true);
      expect(await claim('a')).toMatchObject({ status: 'completed' });
    });

    it('lets a stale owner change nothing', async () => {
      const stale = await claimed('a');
      await pass(LEASE + 100);
      const owner = await claimed('a');
      expect(await store.renew(stale, LEASE * 100)).toBe(false);
      expect(await store.record(stale, ['H.stale'], RETENTION)).toBe(false);
      expect(await store.release(stale, ['H.stale'], RETENTION)).toBe(false);
      expect(await store.complete(stale, RETENTION)).toBe(false);
      expect(await claim('a')).toMatchObject({ status: 'in_progress' });
      await store.release(owner, [], RETENTION);
      expect(await claim('a')).toMatchObject({ status: 'claimed', finished: [] });
    });

    it('lets nobody change what is completed', async () => {
      const owned = await claimed('a');
      await store.complete(owned, RETENTION);
      expect(await store.renew(owned, LEASE)).toBe(false);
      expect(await store.record(owned, ['H.one'], RETENTION)).toBe(false);
      expect(await store.release(owned, [], RETENTION)).toBe(false);
      expect(await store.complete(owned, RETENTION)).toBe(false);
      expect(await claim('a')).toMatchObject({ status: 'completed' });
    });

    it('knows the same bytes under a fresh id as the first delivery', async () => {
      const owned = await claimed('a', { macs: ['m'] });
      expect(await claim('b', { macs: ['m'] })).toMatchObject({ status: 'in_progress', id: 'a' });
      await store.complete(owned, RETENTION);
      expect(await claim('c', { macs: ['m'] })).toEqual({ status: 'completed', id: 'a' });
    });

    it('claims the first id when the same bytes come under a fresh one after a failure', async () => {
      await store.release(await claimed('a', { macs: ['m'] }), ['H.one'], RETENTION);
      expect(await claim('b', { macs: ['m'] })).toMatchObject({
        status: 'claimed',
        claim: { id: 'a' },
        finished: ['H.one'],
      });
    });

    it('knows bytes by any of their MACs', async () => {
      await store.complete(await claimed('a', { macs: ['m1', 'm2'] }), RETENTION);
      expect(await claim('b', { macs: ['m0', 'm2'] })).toEqual({ status: 'completed', id: 'a' });
      expect(await claim('c', { macs: ['m0'] })).toEqual({ status: 'completed', id: 'a' });
    });

    it('lets one id have many MACs, as a redelivery is signed anew', async () => {
      await store.release(await claimed('a', { macs: ['m1'] }), [], RETENTION);
      await store.complete(await claimed('a', { macs: ['m2'] }), RETENTION);
      for (const mac of ['m1', 'm2']) {
        expect(await claim('x', { macs: [mac] })).toEqual({ status: 'completed', id: 'a' });
      }
    });

    it('gives the same bytes to one of many who ask at once under ids of their own', async () => {
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, index) => claim(`id-${index}`, { macs: ['m'] })),
      );
      expect(results.filter(({ status }) => status === 'claimed')).toHaveLength(1);
    });

    it('leaves the fresh ids of known bytes as they were', async () => {
      await store.release(await claimed('b', { macs: ['m-of-b'] }), ['H.one'], RETENTION);
      await Promise.all(['a', 'b', 'c'].map(id => claim(id, { macs: ['m'] })));
      const owner = await claim('d', { macs: ['m'] });
      expect(owner).toMatchObject({ status: 'in_progress' });
      const { id } = owner as Extract<ClaimResult, { status: 'in_progress' }>;
      for (const other of ['a', 'b', 'c', 'd'].filter(each => each !== id)) {
        const finished = other === 'b' ? ['H.one'] : [];
        expect(await claim(other, { macs: [] })).toMatchObject({ status: 'claimed', finished });
      }
    });

    it('leaves a late owner in place when known bytes come under its id', async () => {
      await store.complete(await claimed('a', { macs: ['m'] }), RETENTION);
      const late = await claimed('b', { macs: ['m-of-b'] });
      await pass(LEASE + 100);
      expect(await claim('b', { macs: ['m'] })).toEqual({ status: 'completed', id: 'a' });
      expect(await store.complete(late, RETENTION)).toBe(true);
    });

    it('forgets a MAC when its retention is over', async () => {
      await store.complete(await claimed('a', { macs: ['m'] }), RETENTION);
      await pass(MAC_RETENTION + 100);
      expect(await claim('b', { macs: ['m'] })).toMatchObject({
        status: 'claimed',
        claim: { id: 'b' },
      });
    });

    it('keeps endpoints apart', async () => {
      await store.complete(await claimed('a', { macs: ['m'] }), RETENTION);
      const other = await claim('a', { endpoint: `${endpoint}-2`, macs: ['m'] });
      expect(other).toMatchObject({ status: 'claimed', claim: { id: 'a' } });
    });
  });
}
