import {
  IdempotencyStore,
  MemoryIdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from 'nestjs-revrag-webhook';

type Operation = 'claim' | 'renew' | 'record' | 'complete' | 'release';

/** A memory store whose line to the app can be cut, by operation. */
export class UnreliableStore extends IdempotencyStore {
  readonly memory: MemoryIdempotencyStore;
  /** What the app asked for, in order, failed or not. */
  readonly asked: Operation[] = [];
  readonly broken = new Set<Operation>();

  constructor(now?: () => number) {
    super();
    this.memory = new MemoryIdempotencyStore({ now });
  }

  breakAll(): void {
    for (const operation of ['claim', 'renew', 'record', 'complete', 'release'] as const) {
      this.broken.add(operation);
    }
  }

  claim(request: ClaimRequest): Promise<ClaimResult> {
    return this.pass('claim', () => this.memory.claim(request));
  }
  renew(claim: Claim, lease: number): Promise<boolean> {
    return this.pass('renew', () => this.memory.renew(claim, lease));
  }
  record(claim: Claim, ids: readonly string[], retention: number): Promise<boolean> {
    return this.pass('record', () => this.memory.record(claim, ids, retention));
  }
  complete(claim: Claim, retention: number): Promise<boolean> {
    return this.pass('complete', () => this.memory.complete(claim, retention));
  }
  release(claim: Claim, ids: readonly string[], retention: number): Promise<boolean> {
    return this.pass('release', () => this.memory.release(claim, ids, retention));
  }

  private async pass<T>(operation: Operation, go: () => Promise<T>): Promise<T> {
    this.asked.push(operation);
    if (this.broken.has(operation)) throw new Error(`store away at ${operation}`);
    return go();
  }
}
