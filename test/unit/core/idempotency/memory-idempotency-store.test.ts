import { MemoryIdempotencyStore, type Claim, type ClaimRequest } from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../support/manual-clock.js';

const request = (id: string): ClaimRequest => ({
  endpoint: 'default',
  id,
  macs: [`mac-of-${id}`],
  lease: 60_000,
  macRetention: 660_000,
});

function process(store: MemoryIdempotencyStore, id: string): void {
  const result = store.claim(request(id));
  if (result.status === 'claimed') store.complete(result.claim, 3_600_000);
}

describe('MemoryIdempotencyStore', () => {
  it('forgets the longest unseen when it is full, and nothing before', () => {
    const store = new MemoryIdempotencyStore({ maxEntries: 100 });
    for (let index = 0; index < 100; index += 1) process(store, `id-${index}`);
    expect(store.claim(request('id-0'))).toMatchObject({ status: 'completed' });
    process(store, 'one-more');
    // id-0 was just seen, so id-1 had to go.
    expect(store.claim(request('id-0'))).toMatchObject({ status: 'completed' });
    expect(store.claim(request('id-1'))).toMatchObject({ status: 'claimed' });
  });

  it('never forgets a claim that is held, however many others come', () => {
    const store = new MemoryIdempotencyStore({ maxEntries: 10 });
    store.claim({ ...request('held'), macs: [] });
    for (let index = 0; index < 100; index += 1) process(store, `id-${index}`);
    expect(store.claim(request('held'))).toMatchObject({ status: 'in_progress' });
  });

  it('keeps each of more claims than it remembers deliveries, whatever order they end in', () => {
    const store = new MemoryIdempotencyStore({ maxEntries: 10 });
    const claims: Claim[] = [];
    for (let index = 0; index < 50; index += 1) {
      const result = store.claim(request(`id-${index}`));
      if (result.status === 'claimed') claims.push(result.claim);
    }
    expect(claims).toHaveLength(50);
    const shuffled = claims.map((_, index) => claims[(index * 7) % 50]!);
    for (const claim of shuffled.slice(0, 25)) {
      expect(store.complete(claim, 3_600_000)).toBe(true);
      expect(store.complete(claim, 3_600_000)).toBe(false);
    }
    for (const claim of shuffled.slice(25)) {
      expect(store.claim(request(claim.id))).toMatchObject({ status: 'in_progress' });
      expect(store.release(claim, ['H.one'], 3_600_000)).toBe(true);
      expect(store.claim(request(claim.id))).toMatchObject({ finished: ['H.one'] });
    }
  });

  it('works from the first millisecond of a clock', async () => {
    const clock = new ManualClock(1);
    const store = new MemoryIdempotencyStore({ now: () => clock.now() });
    process(store, 'a');
    await clock.pass(3_600_000 - 1);
    expect(store.claim(request('a'))).toMatchObject({ status: 'completed' });
    await clock.pass(2);
    expect(store.claim(request('a'))).toMatchObject({ status: 'claimed' });
  });
});
