/** Something that a bag tells where in it it is. */
export interface InBag {
  place: number;
}

/**
 * Things in no order, put in and taken out at any time; a Set that many pass through is built anew time
 * and again.
 */
export class Bag<T extends InBag> {
  private readonly items: T[] = [];

  get size(): number {
    return this.items.length;
  }

  add(item: T): void {
    item.place = this.items.length;
    this.items.push(item);
  }

  /** @returns false, and does nothing, where it is not in the bag, or not any more */
  delete(item: T): boolean {
    const { place } = item;
    if (this.items[place] !== item) return false;
    const last = this.items.pop() as T;
    last.place = place;
    if (last !== item) this.items[place] = last;
    return true;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.items.values();
  }
}
