/**
 * A map of bounded size that drops the entries that were not used for longest.
 *
 * It has two generations. When the younger one is full, it becomes the older one, and the map drops the one
 * before it as a whole. An entry that is read becomes young again (decision 7).
 */
export class BoundedMap<V> {
  private young = new Map<string, V>();
  private old = new Map<string, V>();
  private readonly size: number;

  /**
   * @param maxEntries The bound, apart from entries that are kept. The latest half is never dropped.
   * @param mustStay Whether an entry is kept although its generation is dropped. Default: none is.
   */
  constructor(
    maxEntries: number,
    private readonly mustStay: (value: V) => boolean = () => false,
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
    if (this.young.size >= this.size && !this.young.has(key)) this.turn();
    this.young.set(key, value);
  }

  delete(key: string): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  private turn(): void {
    const dropped = this.old;
    this.old = this.young;
    this.young = new Map();
    for (const [key, value] of dropped) {
      if (!this.old.has(key) && this.mustStay(value)) this.young.set(key, value);
    }
  }
}
