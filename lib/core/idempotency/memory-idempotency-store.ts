import { Logger } from '@nestjs/common';
import { BoundedMap } from '../common/bounded-map.js';
import { RevragConfigurationError } from '../errors/revrag-configuration.error.js';
import {
  IdempotencyStore,
  type Claim,
  type ClaimRequest,
  type ClaimResult,
  type DeliveryIdentity,
  type IdempotencyScope,
  type Progress,
} from './idempotency-store.js';

export interface MemoryIdempotencyStoreOptions {
  /**
   * The most deliveries that the store remembers. The latest half is never dropped. A delivery takes about
   * 230 bytes.
   *
   * @default 250_000
   */
  maxEntries?: number;
  /** Milliseconds since an arbitrary moment; never set back. Default: `performance.now`. */
  now?: () => number;
}

/** One delivery, chained to others of the same call. */
class Entry {
  finished: readonly string[] = NOTHING;
  /** Token of the owner, while the delivery is claimed. */
  owner: string | undefined = undefined;
  /** Further ids and bodies that the delivery came with. */
  aliases: Set<string> | undefined = undefined;
  next: Entry | undefined = undefined;
  /** When it is forgotten: whole milliseconds since the store was made, a number that needs no memory. */
  until = 0;

  constructor(
    /** Digest of the first body. */
    readonly key: string,
    /** Digest of the first id. */
    readonly id: string,
  ) {}

  hasBody({ body }: DeliveryIdentity): boolean {
    return this.key === body || (this.aliases?.has(body) ?? false);
  }

  hasId({ id }: DeliveryIdentity): boolean {
    return this.id === id || (this.aliases?.has(id) ?? false);
  }
}

const NOTHING: readonly never[] = [];
/** The most further names of a delivery, so that replays under many ids take no more memory. */
const MAX_ALIASES = 16;
/** The most lists of finished handlers that are shared; an app has a handful. */
const MAX_LISTS = 1_000;
/** When to ask again for a claimed delivery. There is no lease to go by. */
const RETRY_AFTER_MS = 1_000;

/**
 * Remembers deliveries in this process: enough for one instance, and lost with a restart. Several instances
 * need a store that they share.
 *
 * A claim has no lease: it ends when its owner ends it, as owner and store live and die together.
 */
export class MemoryIdempotencyStore extends IdempotencyStore {
  private readonly logger = new Logger(MemoryIdempotencyStore.name);
  /** By call. */
  private readonly calls: BoundedMap<Entry>;
  /** One list for all deliveries that the same handlers have finished. */
  private readonly lists = new Map<string, readonly string[]>();
  private readonly now: () => number;
  private lastFence = 0;
  private hasWarned = false;

  /** @throws RevragConfigurationError if `maxEntries` can't be used */
  constructor({
    maxEntries = 250_000,
    now = () => performance.now(),
  }: MemoryIdempotencyStoreOptions = {}) {
    super();
    if (!(maxEntries >= 1)) {
      throw new RevragConfigurationError(
        'MemoryIdempotencyStore: maxEntries must be a number of 1 or more. Likely cause: an environment variable ' +
          'that is not set.',
      );
    }
    const startedAt = now();
    this.now = () => Math.floor(now() - startedAt);
    this.calls = new BoundedMap(maxEntries, entry => this.mustStay(entry));
  }

  claim({ identity, by, handlerIds }: ClaimRequest): ClaimResult {
    const entry = this.find(identity, by) ?? this.create(identity);
    remember(entry, identity);
    const { key } = entry;
    const finished = handlerIds.filter(id => entry.finished.includes(id));
    if (finished.length === handlerIds.length) return { status: 'completed', key };
    if (entry.owner !== undefined) return { status: 'in_progress', retryAfter: RETRY_AFTER_MS };
    // One for all deliveries, so that it also grows for one that was forgotten.
    const fence = (this.lastFence = Math.max(this.lastFence + 1, Date.now()));
    const token = String(fence);
    entry.owner = token;
    return { status: 'claimed', claim: { identity, key, token, fence }, finished };
  }

  renew(claim: Claim): boolean {
    return this.take(this.entryOf(claim), claim);
  }

  record(claim: Claim, { handlerIds, retention }: Progress): boolean {
    const entry = this.entryOf(claim);
    entry.finished = this.listOf(entry.finished, handlerIds);
    const isOwner = this.take(entry, claim);
    const until = this.now() + retention;
    entry.until = isOwner ? until : Math.max(entry.until, until);
    return isOwner;
  }

  end(claim: Claim, progress: Progress): boolean {
    if (!this.record(claim, progress)) return false;
    this.entryOf(claim).owner = undefined;
    return true;
  }

  /** The delivery, if it is remembered. */
  private find(identity: DeliveryIdentity, by: IdempotencyScope): Entry | undefined {
    const now = this.now();
    let named: Entry | undefined;
    let any: Entry | undefined;
    for (let entry = this.calls.get(identity.call); entry; entry = entry.next) {
      while (entry.next && isOver(entry.next, now)) entry.next = entry.next.next;
      if (isOver(entry, now)) continue;
      // The bytes are signed and the id is not, so the bytes decide first.
      if (entry.hasBody(identity)) return entry;
      if (entry.hasId(identity)) named ??= entry;
      any ??= entry;
    }
    return named ?? (by === 'call' ? any : undefined);
  }

  private create({ call, body, id }: DeliveryIdentity): Entry {
    const entry = new Entry(body, id);
    entry.next = this.calls.get(call);
    this.calls.set(call, entry);
    return entry;
  }

  /** The entry of a claim, created again if it was dropped. */
  private entryOf({ identity, key }: Claim): Entry {
    const first = { ...identity, body: key };
    const entry = this.find(first, 'delivery') ?? this.create(first);
    remember(entry, first);
    return entry;
  }

  /** Gives the entry to the claim's owner, unless another one holds it. */
  private take(entry: Entry, { token, fence }: Claim): boolean {
    if (entry.owner !== undefined && entry.owner !== token) return false;
    entry.owner = token;
    this.lastFence = Math.max(this.lastFence, fence);
    return true;
  }

  private listOf(before: readonly string[], added: readonly string[]): readonly string[] {
    const sorted = before.concat(added.filter(id => !before.includes(id))).sort();
    const name = JSON.stringify(sorted);
    const known = this.lists.get(name);
    if (known) return known;
    if (this.lists.size < MAX_LISTS) this.lists.set(name, sorted);
    return sorted;
  }

  private mustStay(entry: Entry): boolean {
    const now = this.now();
    let isHeld = false;
    for (let one: Entry | undefined = entry; one; one = one.next) {
      if (one.owner !== undefined) isHeld = true;
      else if (one.until > now) this.warnOnce();
    }
    return isHeld;
  }

  private warnOnce(): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.logger.warn(
      'The memory store is full and forgets deliveries before their retention is over. A redelivery of one ' +
        'runs its handlers again. Raise maxEntries, shorten retention, or use a shared store.',
    );
  }
}

const isOver = (entry: Entry, now: number): boolean =>
  entry.owner === undefined && entry.until <= now;

/** Adds the names under which the delivery came this time. */
function remember(entry: Entry, { body, id }: DeliveryIdentity): void {
  for (const name of [body, id]) {
    if (name === entry.key || name === entry.id) continue;
    entry.aliases ??= new Set();
    if (entry.aliases.size < MAX_ALIASES) entry.aliases.add(name);
  }
}
