import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { MemoryIdempotencyStore } from 'nestjs-revrag-webhook';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { ManualClock } from '../../support/manual-clock.js';
import { describeWithPostgres, usePostgres } from '../../support/servers/postgres.js';
import { describeWithRedis, useRedis } from '../../support/servers/redis.js';
import { claimCommands, emptyModel, type Real } from './claim-commands.js';

/** Bounds a store's run in CI; MODEL_RUN_MS for a longer one. */
const RUN_MS = Number(process.env.MODEL_RUN_MS ?? 2_000);

async function hold(create: () => Pick<Real, 'stores' | 'pass' | 'speculative'>): Promise<void> {
  const property = fc.asyncProperty(claimCommands(), commands => {
    const setup = (): { model: ReturnType<typeof emptyModel>; real: Real } => ({
      model: emptyModel(),
      real: { ...create(), endpoint: randomUUID(), claims: new Map() },
    });
    return fc.asyncModelRun(setup, commands);
  });
  await fc.assert(property, {
    numRuns: 100_000,
    interruptAfterTimeLimit: RUN_MS,
    markInterruptAsFailure: false,
  });
}

const TIMEOUT = RUN_MS + 60_000;
const realTime = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

describe('every idempotency store does as the model of claims', () => {
  it('in memory', { timeout: TIMEOUT }, () =>
    hold(() => {
      const clock = new ManualClock();
      const store = new MemoryIdempotencyStore({ now: () => clock.now() });
      return { stores: [store], pass: ms => clock.pass(ms), speculative: false };
    }),
  );

  describeWithRedis('shared', () => {
    const server = useRedis();
    const stores: RedisIdempotencyStore[] = [];
    beforeAll(() => {
      for (let i = 0; i < 3; i += 1) stores.push(new RedisIdempotencyStore(server.url));
    });
    afterAll(() => Promise.all(stores.map(store => store.close())));

    it('on Redis', { timeout: TIMEOUT }, () =>
      hold(() => ({ stores, pass: realTime, speculative: true })),
    );
  });

  describeWithPostgres('shared', () => {
    const server = usePostgres();
    const stores: PostgresIdempotencyStore[] = [];
    beforeAll(() => {
      for (let i = 0; i < 3; i += 1) {
        stores.push(new PostgresIdempotencyStore(server.url, { schema: 'model' }));
      }
    });
    afterAll(() => Promise.all(stores.map(store => store.close())));

    it('on PostgreSQL', { timeout: TIMEOUT }, () =>
      hold(() => ({ stores, pass: realTime, speculative: false })),
    );
  });
});
