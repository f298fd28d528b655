import { LRUCache } from 'lru-cache';
import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from './idempotency-store.js';

export interface MemoryIdempotencyStoreOptions {
  /**
   * How many deliveries are remembered at most; the longest unseen goes first. About 300 bytes each.
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

/**
 * Remembers deliveries in this process: enough for one instance, gone with a restart. Several
 * instances need a store that they share.
 */
export class MemoryIdempotencyStore extends IdempotencyStore {
  private readonly leases = new Map<string, Lease>();
  private readonly progress: LRUCache<string, typeof COMPLETED | readonly string[]>;
  private readonly firstIds: LRUCache<string, string>;
  private readonly now: () => number;
  private lastToken = 0;

  constructor({ maxEntries = 250_000, now = Date.now }: MemoryIdempotencyStoreOptions = {}) {
    super();
    this.now = now;
    // Bounded by size, not `max`: with that one, lru-cache allocates all its room up front.
    const bounds = { maxSize: maxEntries, ttl: 1, ttlResolution: 0, perf: { now } };
    this.progress = new LRUCache({ ...bounds, updateAgeOnGet: false });
    this.firstIds = new LRUCache({ ...bounds, updateAgeOnGet: false });
  }

  // The operations are synchronous within, which makes each of them atomic.
  // eslint-disable-next-line @typescript-eslint/require-await
  async claim(request: ClaimRequest): Promise<ClaimResult> {
    const { endpoint, lease } = request;
    const id = this.firstId(request);
    const key = keyOf(endpoint, id);
    const progress = this.progress.get(key);
    if (progress === COMPLETED) return { status: 'completed', id };
    const now = this.now();
    const held = this.leases.get(key);
    if (held && held.until > now) {
      return { status: 'in_progress', id, retryAfter: held.until - now };
    }
    const token = String((this.lastToken += 1));
    this.leases.set(key, { token, until: now + lease });
    return { status: 'claimed', claim: { endpoint, id, token }, finished: progress ?? [] };
  }

  async renew(claim: Claim, lease: number): Promise<boolean> {
    return this.asOwner(claim, (_key, held) => {
      held.until = this.now() + lease;
    });
  }

  async record(claim: Claim, handlerIds: readonly string[], retention: number): Promise<boolean> {
    return this.asOwner(claim, key => this.addFinished(key, handlerIds, retention));
  }

  async complete(claim: Claim, retention: number): Promise<boolean> {
    return this.asOwner(claim, key => {
      this.leases.delete(key);
      this.progress.set(key, COMPLETED, { size: 1, ttl: retention });
    });
  }

  async release(claim: Claim, handlerIds: readonly string[], retention: number): Promise<boolean> {
    return this.asOwner(claim, key => {
      this.leases.delete(key);
      this.addFinished(key, handlerIds, retention);
    });
  }

  private firstId({ endpoint, id, macs, macRetention }: ClaimRequest): string {
    const keys = macs.map(mac => keyOf(endpoint, mac));
    let first: string | undefined;
    for (const key of keys) first ??= this.firstIds.get(key);
    first ??= id;
    for (const key of keys) {
      if (!this.firstIds.has(key)) this.firstIds.set(key, first, { size: 1, ttl: macRetention });
    }
    return first;
  }

  private addFinished(key: string, handlerIds: readonly string[], retention: number): void {
    if (handlerIds.length === 0) return;
    const before = this.progress.get(key);
    const finished = new Set([
      ...(Array.isArray(before) ? (before as string[]) : []),
      ...handlerIds,
    ]);
    this.progress.set(key, [...finished], { size: 1, ttl: retention });
  }

  /** A lease that ran out is still its owner's, as long as nobody else has claimed since. */
  private asOwner(claim: Claim, change: (key: string, held: Lease) => void): Promise<boolean> {
    const key = keyOf(claim.endpoint, claim.id);
    const held = this.leases.get(key);
    const isOwner = held?.token === claim.token;
    if (isOwner) change(key, held);
    return Promise.resolve(isOwner);
  }
}

const keyOf = (endpoint: string, rest: string): string => `${endpoint}:${rest}`;
