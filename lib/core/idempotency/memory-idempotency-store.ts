import { Bag, type InBag } from '../common/bag.js';
import { Generations } from './generations.js';
import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
} from './idempotency-store.js';

export interface MemoryIdempotencyStoreOptions {
  /**
   * How many deliveries of an endpoint are remembered at most, the latest half of them for certain; the
   * longest unseen go first. About 220 bytes each.
   *
   * @default 250_000
   */
  maxEntries?: number;
  /** Milliseconds since the Unix epoch. Default: `Date.now`. */
  now?: () => number;
}

/** Milliseconds since the store was made: small integers, which take no memory of their own. */
type Age = number;

/** A claim that is held. */
interface Lease extends InBag {
  readonly id: string;
  readonly token: string;
  until: Age;
  progress: Progress | undefined;
}

/** Handlers that have finished. */
interface Progress {
  readonly handlerIds: readonly string[];
  readonly until: Age;
}

/** A delivery that is completed is remembered by nothing but until when, so that it costs no object. */
type Known = Age | Lease | Progress;

interface FirstId {
  readonly id: string;
  readonly until: Age;
}

/** What is remembered of one endpoint. Apart, rather than with keys made of names and ids, to share the ids' memory. */
interface Memory {
  readonly deliveries: Generations<Known>;
  /** Never evicted: there are as many as deliveries under way. */
  readonly held: Bag<Lease>;
  /** By MAC. */
  readonly firstIds: Generations<FirstId>;
}

/**
 * Remembers deliveries in this process: enough for one instance, gone with a restart. Several
 * instances need a store that they share.
 */
export class MemoryIdempotencyStore extends IdempotencyStore {
  private readonly memories = new Map<string, Memory>();
  private readonly maxEntries: number;
  private readonly now: () => number;
  private readonly startedAt: number;
  private lastToken = 0;

  constructor({ maxEntries = 250_000, now = Date.now }: MemoryIdempotencyStoreOptions = {}) {
    super();
    this.maxEntries = maxEntries;
    this.now = now;
    this.startedAt = now();
  }

  claim(request: ClaimRequest): ClaimResult {
    const { endpoint } = request;
    const memory = this.memoryOf(endpoint);
    const age = this.age();
    const id = firstId(memory, request, age);
    const known = memory.deliveries.get(id);
    if (typeof known === 'number' && known > age) return { status: 'completed', id };
    const lease = asLease(known);
    if (lease && lease.until > age) {
      return { status: 'in_progress', id, retryAfter: lease.until - age };
    }
    const token = String((this.lastToken += 1));
    const until = age + request.lease;
    const progress = progressOf(known, age);
    if (lease) memory.held.delete(lease);
    const taken: Lease = { id, token, until, progress, place: 0 };
    memory.deliveries.set(id, taken);
    memory.held.add(taken);
    return {
      status: 'claimed',
      claim: { endpoint, id, token },
      finished: progress?.handlerIds ?? [],
    };
  }

  renew(claim: Claim, lease: number): boolean {
    const held = leaseIn(this.memoryOf(claim.endpoint), claim);
    if (!held) return false;
    held.until = this.age() + lease;
    return true;
  }

  record(claim: Claim, handlerIds: readonly string[], retention: number): boolean {
    const held = leaseIn(this.memoryOf(claim.endpoint), claim);
    if (!held) return false;
    held.progress = withFinished(held, handlerIds, retention, this.age());
    return true;
  }

  complete(claim: Claim, retention: number): boolean {
    const memory = this.memoryOf(claim.endpoint);
    const held = leaseIn(memory, claim);
    if (!held) return false;
    memory.held.delete(held);
    memory.deliveries.set(held.id, this.age() + retention);
    return true;
  }

  release(claim: Claim, handlerIds: readonly string[], retention: number): boolean {
    const memory = this.memoryOf(claim.endpoint);
    const held = leaseIn(memory, claim);
    if (!held) return false;
    memory.held.delete(held);
    const progress = withFinished(held, handlerIds, retention, this.age());
    if (progress) memory.deliveries.set(held.id, progress);
    else memory.deliveries.delete(held.id);
    return true;
  }

  private memoryOf(endpoint: string): Memory {
    let memory = this.memories.get(endpoint);
    if (!memory) {
      const held = new Bag<Lease>();
      memory = {
        deliveries: new Generations<Known>(this.maxEntries, held),
        held,
        firstIds: new Generations(this.maxEntries),
      };
      this.memories.set(endpoint, memory);
    }
    return memory;
  }

  private age(): Age {
    return Math.ceil(this.now() - this.startedAt);
  }
}

/** The first id that any of the MACs was seen with. */
function firstId({ firstIds }: Memory, { id, macs, macRetention }: ClaimRequest, age: Age): string {
  let first: string | undefined;
  const unseen: string[] = [];
  for (const mac of macs) {
    const seen = firstIds.get(mac);
    if (seen && seen.until > age) first ??= seen.id;
    else unseen.push(mac);
  }
  first ??= id;
  for (const mac of unseen) firstIds.set(mac, { id: first, until: age + macRetention });
  return first;
}

/** A lease that ran out is still its owner's, as long as nobody else has claimed since. */
function leaseIn({ deliveries }: Memory, { id, token }: Claim): Lease | undefined {
  const lease = asLease(deliveries.get(id));
  return lease?.token === token ? lease : undefined;
}

const asLease = (known: Known | undefined): Lease | undefined =>
  typeof known === 'object' && 'token' in known ? known : undefined;

/** What has finished, as long as it is remembered. */
function progressOf(known: Known | undefined, age: Age): Progress | undefined {
  if (typeof known !== 'object') return undefined;
  const progress = 'token' in known ? known.progress : known;
  return progress && progress.until > age ? progress : undefined;
}

function withFinished(
  lease: Lease,
  handlerIds: readonly string[],
  retention: number,
  age: Age,
): Progress | undefined {
  const before = progressOf(lease, age);
  if (handlerIds.length === 0) return before;
  const all = new Set([...(before?.handlerIds ?? []), ...handlerIds]);
  return { handlerIds: [...all], until: age + retention };
}
