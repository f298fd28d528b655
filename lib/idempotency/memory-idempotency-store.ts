// The operations are synchronous within, which makes each of them atomic.
/* eslint-disable @typescript-eslint/require-await */
import { ExpiringMap } from './expiring-map.js';
import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from './idempotency-store.js';

export interface MemoryIdempotencyStoreOptions {
  /**
   * How many deliveries of an endpoint are remembered at most, the latest half of them for certain; the
   * longest unseen go first. About 300 bytes each.
   *
   * @default 250_000
   */
  maxEntries?: number;
  /** Milliseconds since the Unix epoch. Default: `Date.now`. */
  now?: () => number;
}

/** A claim that is held. Never evicted: there are as many as deliveries under way. */
interface Lease {
  token: string;
  until: number;
}

/** In place of a list of handlers: all is done. Shared, so that a remembered id costs no object. */
const COMPLETED = Symbol('completed');

/** What is remembered of one endpoint. Apart, rather than with keys made of names and ids, to share the ids' memory. */
interface Memory {
  readonly leases: Map<string, Lease>;
  readonly progress: ExpiringMap<typeof COMPLETED | readonly string[]>;
  /** By MAC. */
  readonly firstIds: ExpiringMap<string>;
}

/**
 * Remembers deliveries in this process: enough for one instance, gone with a restart. Several
 * instances need a store that they share.
 */
export class MemoryIdempotencyStore extends IdempotencyStore {
  private readonly memories = new Map<string, Memory>();
  private readonly maxEntries: number;
  private readonly now: () => number;
  private lastToken = 0;

  constructor({ maxEntries = 250_000, now = Date.now }: MemoryIdempotencyStoreOptions = {}) {
    super();
    this.maxEntries = maxEntries;
    this.now = now;
  }

  async claim(request: ClaimRequest): Promise<ClaimResult> {
    const { endpoint, lease } = request;
    const memory = this.memoryOf(endpoint);
    const id = firstId(memory, request);
    const progress = memory.progress.get(id);
    if (progress === COMPLETED) return { status: 'completed', id };
    const now = this.now();
    const held = memory.leases.get(id);
    if (held && held.until > now) {
      return { status: 'in_progress', id, retryAfter: held.until - now };
    }
    const token = String((this.lastToken += 1));
    memory.leases.set(id, { token, until: now + lease });
    return { status: 'claimed', claim: { endpoint, id, token }, finished: progress ?? [] };
  }

  async renew(claim: Claim, lease: number): Promise<boolean> {
    return this.asOwner(claim, (_memory, held) => {
      held.until = this.now() + lease;
    });
  }

  async record(claim: Claim, handlerIds: readonly string[], retention: number): Promise<boolean> {
    return this.asOwner(claim, memory => addFinished(memory, claim.id, handlerIds, retention));
  }

  async complete(claim: Claim, retention: number): Promise<boolean> {
    return this.asOwner(claim, memory => {
      memory.leases.delete(claim.id);
      memory.progress.set(claim.id, COMPLETED, retention);
    });
  }

  async release(claim: Claim, handlerIds: readonly string[], retention: number): Promise<boolean> {
    return this.asOwner(claim, memory => {
      memory.leases.delete(claim.id);
      addFinished(memory, claim.id, handlerIds, retention);
    });
  }

  private memoryOf(endpoint: string): Memory {
    let memory = this.memories.get(endpoint);
    if (!memory) {
      memory = {
        leases: new Map(),
        progress: new ExpiringMap(this.maxEntries, this.now),
        firstIds: new ExpiringMap(this.maxEntries, this.now),
      };
      this.memories.set(endpoint, memory);
    }
    return memory;
  }

  /** A lease that ran out is still its owner's, as long as nobody else has claimed since. */
  private asOwner(claim: Claim, change: (memory: Memory, held: Lease) => void): boolean {
    const memory = this.memoryOf(claim.endpoint);
    const held = memory.leases.get(claim.id);
    if (held?.token !== claim.token) return false;
    change(memory, held);
    return true;
  }
}

/** The first id that any of the MACs was seen with. */
function firstId({ firstIds }: Memory, { id, macs, macRetention }: ClaimRequest): string {
  let first: string | undefined;
  const unseen: string[] = [];
  for (const mac of macs) {
    const seen = firstIds.get(mac);
    if (seen === undefined) unseen.push(mac);
    else first ??= seen;
  }
  first ??= id;
  for (const mac of unseen) firstIds.set(mac, first, macRetention);
  return first;
}

function addFinished(
  { progress }: Memory,
  id: string,
  handlerIds: readonly string[],
  retention: number,
): void {
  if (handlerIds.length === 0) return;
  const before = progress.get(id);
  const earlier = Array.isArray(before) ? (before as readonly string[]) : [];
  progress.set(id, [...new Set([...earlier, ...handlerIds])], retention);
}
