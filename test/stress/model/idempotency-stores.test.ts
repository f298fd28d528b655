import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { MemoryIdempotencyStore } from 'nestjs-revrag-webhook';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { holds } from '../../support/holds.js';
import { ManualClock } from '../../support/manual-clock.js';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';
import { claimCommands, emptyModel, type Real } from './claim-commands.js';

/** MODEL_RUNS=100 makes a hundred times as many cases; MODEL_SEED repeats a run. */
const FACTOR = Number(process.env.MODEL_RUNS ?? 1);
const SEED = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
const TIMEOUT = 60_000 + FACTOR * 30_000;

type Store = Pick<Real, 'stores' | 'pass' | 'leases' | 'wholeCalls'>;

async function hold(name: string, cases: number, create: () => Store): Promise<void> {
  process.stdout.write(`model of claims, ${name}: ${cases} cases, MODEL_SEED=${SEED}\n`);
  let claims = 0;
  const property = fc.asyncProperty(
    claimCommands(),
    fc.constantFrom('delivery' as const, 'call' as const),
    async (commands, by) => {
      const model = emptyModel();
      const real = { ...create(), by, scope: randomUUID(), claims: new Map(), fences: new Map() };
      await fc.asyncModelRun(() => ({ model, real }), commands);
      claims += model.claims;
    },
  );
  await holds(property, cases, SEED);
  // Cases of which none claims anything would hold for any store.
  expect(claims).toBeGreaterThan(cases);
}

const realTime = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

describe('every idempotency store does as the model of claims', () => {
  it('in memory', { timeout: TIMEOUT }, () =>
    hold('in memory', 1_000 * FACTOR, () => {
      const clock = new ManualClock();
      const store = new MemoryIdempotencyStore({ now: () => clock.now() });
      const pass = (ms: number): Promise<void> => clock.pass(ms);
      return { stores: [store], pass, leases: false, wholeCalls: false };
    }),
  );

  describeWithRedis('shared', () => {
    const server = useRedis();
    const stores: RedisIdempotencyStore[] = [];
    beforeAll(() => {
      for (let i = 0; i < 3; i += 1)
        stores.push(new RedisIdempotencyStore(server.url, { timeout: 15_000 }));
    });
    afterAll(() => Promise.all(stores.map(store => store.close())));

    it('on Redis', { timeout: TIMEOUT }, () =>
      hold('on Redis', 100 * FACTOR, () => ({
        stores,
        pass: realTime,
        leases: true,
        wholeCalls: true,
      })),
    );
  });

  describeWithPostgres('shared', () => {
    const server = usePostgres();
    const stores: PostgresIdempotencyStore[] = [];
    beforeAll(() => {
      for (let i = 0; i < 3; i += 1) {
        stores.push(new PostgresIdempotencyStore(server.url, { schema: 'model', timeout: 15_000 }));
      }
    });
    afterAll(() => Promise.all(stores.map(store => store.close())));

    it('on PostgreSQL', { timeout: TIMEOUT }, () =>
      hold('on PostgreSQL', 100 * FACTOR, () => ({
        stores,
        pass: realTime,
        leases: true,
        wholeCalls: false,
      })),
    );
  });
});
