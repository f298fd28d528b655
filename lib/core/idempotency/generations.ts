import { Bag, type InBag } from '../common/bag.js';

/** Stays, however many others come, until it is taken out of the bag. */
export interface Pinned extends InBag {
  readonly id: string;
}

/**
 * A map of bounded size: the longest unseen go first.
 *
 * Two generations in place of a list in order of use: when the younger is full, the older is dropped
 * as a whole and the younger grows old. A value that is seen becomes young again. This takes about
 * half the memory of an LRU cache, and less time.
 */
export class Generations<V> {
  private young = new Map<string, V>();
  private old = new Map<string, V>();
  private readonly size: number;

  /**
   * @param maxEntries As many are kept at most, and the latest half of them for certain.
   * @param pinned Values under their ids that are kept beyond that. Whoever puts one in has set it before.
   */
  constructor(
    maxEntries: number,
    private readonly pinned: Bag<V & Pinned> = new Bag(),
  ) {
    this.size = Math.max(1, Math.floor(maxEntries / 2));
  }

  get(key: string): V | undefined {
    const young = this.young.get(key);
    if (young !== undefined || this.old.size === 0) return young;
    const old = this.old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    const kept = this.young.size - this.pinned.size;
    if (kept >= this.size && (kept > this.size || !this.young.has(key))) this.turn();
    this.young.set(key, value);
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  private turn(): void {
    this.old = this.young;
    this.young = new Map();
    for (const value of this.pinned) this.young.set(value.id, value);
  }
}
