import type { Awaitable } from '../core/common/awaitable.js';
import type { IdempotencyStore } from '../core/idempotency/idempotency-store.js';
import { CASES } from './idempotency-store-cases.js';
import { LEASE_CASES } from './idempotency-store-lease-cases.js';
import { LOST_CASES } from './idempotency-store-lost-cases.js';
import { StoreProbe } from './store-probe.js';

export interface IdempotencyStoreContractOptions {
  /**
   * Whether the claim of an owner that died ends after its lease. A store that lives and dies with its only
   * process needs no lease.
   *
   * @default true
   */
  leases?: boolean;
}

/** One rule that a store must keep. */
export interface ContractCase {
  readonly name: string;
  /** Rejects with an `AssertionError` if the store does something else. */
  readonly run: () => Promise<void>;
}

/**
 * What every `IdempotencyStore` must do, for any test runner.
 *
 * @param createStore Returns a store for each case. No two cases use the same call, so stores may share a server.
 *
 * @example
 * ```ts
 * for (const { name, run } of idempotencyStoreContract(() => new MyStore(url))) test(name, run);
 * ```
 */
export function idempotencyStoreContract(
  createStore: () => Awaitable<IdempotencyStore>,
  { leases = true }: IdempotencyStoreContractOptions = {},
): readonly ContractCase[] {
  const cases = { ...CASES, ...LOST_CASES, ...(leases && LEASE_CASES) };
  return Object.entries(cases).map(([name, run]) => ({
    name,
    run: async () => {
      const store = await createStore();
      try {
        await run(new StoreProbe(store));
      } finally {
        await store.close?.();
      }
    },
  }));
}
