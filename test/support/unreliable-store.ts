import {
  IdempotencyStore,
  MemoryIdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from 'nestjs-revrag-webhook';
import type { Awaitable } from '../../lib/core/common/awaitable.js';

type Operation = 'claim' | 'renew' | 'record' | 'complete' | 'release';

/** A memory store whose line to the app can be cut, by operation. */
export class UnreliableStore extends IdempotencyStore {
  readonly memory: MemoryIdempotencyStore;
  /** What the app asked for, in order, failed or not. */
  readonly asked: Operation[] = [];
  readonly broken = new Set<Operation>();

  /** @param atOnce Whether it answers, or throws, without a promise. */
  constructor(
    now?: () => number,
    private readonly atOnce = false,
  ) {
    super();
    this.memory = new MemoryIdempotencyStore({ now });
  }

  breakAll(): void {
    for (const operation of ['claim', 'renew', 'record', 'complete', 'release'] as const) {
      this.broken.add(operation);
    }
  }

  claim(request: ClaimRequest): Awaitable<ClaimResult> {
    return this.pass('claim', () => this.memory.claim(request));
  }
  renew(claim: Claim, lease: number): Awaitable<boolean> {
    return this.pass('renew', () => this.memory.renew(claim, lease));
  }
  record(claim: Claim, ids: readonly string[], retention: number): Awaitable<boolean> {
    return this.pass('record', () => this.memory.record(claim, ids, retention));
  }
  complete(claim: Claim, retention: number): Awaitable<boolean> {
    return this.pass('complete', () => this.memory.complete(claim, retention));
  }
  release(claim: Claim, ids: readonly string[], retention: number): Awaitable<boolean> {
    return this.pass('release', () => this.memory.release(claim, ids, retention));
  }

  private pass<T>(operation: Operation, go: () => T): Awaitable<T> {
    this.asked.push(operation);
    const error = this.broken.has(operation) ? new Error(`store away at ${operation}`) : undefined;
    if (!this.atOnce) return error ? Promise.reject(error) : Promise.resolve(go());
    if (error) throw error;
    return go();
  }
}
