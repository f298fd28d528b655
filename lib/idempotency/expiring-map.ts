interface Entry<V> {
  readonly value: V;
  /** Milliseconds since the map was made, so that they stay small integers, which take no memory of their own. */
  readonly until: number;
}

/**
 * A map whose entries expire, of bounded size: the longest unseen go first.
 *
 * Two generations in place of a list in order of use: when the younger is full, the older is dropped
 * as a whole and the younger grows old. An entry that is seen becomes young again. This takes about
 * half the memory of an LRU cache with an expiry for each entry, and less time.
 */
export class ExpiringMap<V> {
  private young = new Map<string, Entry<V>>();
  private old = new Map<string, Entry<V>>();
  private readonly startedAt: number;
  private readonly generationSize: number;

  /** @param maxEntries As many are kept at most, and the latest half of them for certain. */
  constructor(
    maxEntries: number,
    private readonly now: () => number,
  ) {
    this.generationSize = Math.max(1, Math.floor(maxEntries / 2));
    this.startedAt = now();
  }

  get(key: string): V | undefined {
    const young = this.young.get(key);
    const entry = young ?? this.old.get(key);
    if (entry === undefined) return undefined;
    if (entry.until <= this.age()) {
      this.young.delete(key);
      this.old.delete(key);
      return undefined;
    }
    if (young === undefined) this.add(key, entry);
    return entry.value;
  }

  /** @param retention Milliseconds. */
  set(key: string, value: V, retention: number): void {
    this.add(key, { value, until: this.age() + retention });
  }

  private add(key: string, entry: Entry<V>): void {
    if (this.young.size >= this.generationSize && !this.young.has(key)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, entry);
  }

  private age(): number {
    return Math.ceil(this.now() - this.startedAt);
  }
}
