import {
  IdempotencyStore,
  MemoryIdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type Progress,
} from 'nestjs-revrag-webhook';
import type { Awaitable } from '../../lib/core/common/awaitable.js';

type Operation = 'claim' | 'renew' | 'record' | 'end';

/** A memory store whose line to the app can be cut, by operation. */
export class UnreliableStore extends IdempotencyStore {
  memory: MemoryIdempotencyStore;
  /** What the app asked for, in order, failed or not. */
  readonly asked: Operation[] = [];
  readonly broken = new Set<Operation>();
  /** Operations that are done, and their answers lost. */
  readonly muted = new Set<Operation>();
  /** Whether another instance has claimed what this app holds. */
  takenOver = false;

  /** @param atOnce Whether it answers, or throws, without a promise. */
  constructor(
    now?: () => number,
    private readonly atOnce = false,
  ) {
    super();
    this.memory = new MemoryIdempotencyStore({ now });
  }

  /** As after FLUSHALL. */
  forget(): void {
    this.memory = new MemoryIdempotencyStore();
  }

  breakAll(): void {
    for (const operation of ['claim', 'renew', 'record', 'end'] as const) {
      this.broken.add(operation);
    }
  }

  claim(request: ClaimRequest): Awaitable<ClaimResult> {
    return this.pass('claim', () => this.memory.claim(request));
  }
  renew(claim: Claim): Awaitable<boolean> {
    return this.pass('renew', () => !this.takenOver && this.memory.renew(claim));
  }
  record(claim: Claim, progress: Progress): Awaitable<boolean> {
    return this.pass('record', () => !this.takenOver && this.memory.record(claim, progress));
  }
  end(claim: Claim, progress: Progress): Awaitable<boolean> {
    return this.pass('end', () => !this.takenOver && this.memory.end(claim, progress));
  }

  private pass<T>(operation: Operation, go: () => T): Awaitable<T> {
    this.asked.push(operation);
    if (this.muted.has(operation)) go();
    const error =
      this.broken.has(operation) || this.muted.has(operation)
        ? new Error(`store away at ${operation}`)
        : undefined;
    if (!this.atOnce) return error ? Promise.reject(error) : Promise.resolve(go());
    if (error) throw error;
    return go();
  }
}
