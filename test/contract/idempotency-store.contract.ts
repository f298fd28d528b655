import type { IdempotencyStore } from 'nestjs-revrag-webhook';
import {
  idempotencyStoreContract,
  type IdempotencyStoreContractOptions,
} from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';

/** Runs the published contract. */
export function describeIdempotencyStore(
  name: string,
  create: () => IdempotencyStore | Promise<IdempotencyStore>,
  options?: IdempotencyStoreContractOptions,
): void {
  describe(`${name} keeps the contract of IdempotencyStore`, () => {
    const cases = idempotencyStoreContract(create, options);
    it('has cases', () => expect(cases.length).toBeGreaterThan(20));
    it.each(cases.map(({ name: title, run }) => [title, run] as const))('%s', (_title, run) =>
      run(),
    );
  });
}
