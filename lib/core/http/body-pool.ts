import { systemClock, type Clock } from '../common/clock.js';

/** In bytes. */
export const POOL_LIMIT = 64 * 1024 * 1024;

/** How long a body may take to arrive while others need its memory, in milliseconds. */
const PATIENCE_MS = 2_000;

/**
 * Bounds the memory of all bodies of one app that are being read or wait to be verified. A single body may exceed
 * the limit: `bodyLimit` bounds it. While memory is short, bodies that arrive slowly give way, the one that began first
 * before others: else a few connections that send nothing more would keep genuine deliveries out (decision 37).
 */
export class BodyPool {
  private held = 0;
  /** In the order in which they began. */
  private readonly arrivals = new Set<Arrival>();

  constructor(
    /** Bytes. */
    readonly limit: number,
    private readonly clock: Pick<Clock, 'monotonic'> = systemClock,
  ) {}

  /** Bytes. */
  get used(): number {
    return this.held;
  }

  /** @param giveWay Called if the body loses its share to others. */
  share(giveWay: () => void): BodyShare {
    let own = 0;
    const complete = () => void this.arrivals.delete(arrival);
    const release = () => {
      complete();
      this.held -= own;
      own = 0;
    };
    const grow = (bytes: number) => {
      const others = this.held - own;
      if (others > 0 && others + bytes > this.limit && !this.makeRoom(bytes, arrival)) return false;
      this.held += bytes - own;
      own = bytes;
      return true;
    };
    const stop = () => {
      release();
      giveWay();
    };
    const arrival: Arrival = { beganAt: this.clock.monotonic(), bytes: () => own, stop };
    this.arrivals.add(arrival);
    return { grow, complete, release };
  }

  /** Stops as many slow bodies as one needs the memory of, unless all of them are not enough. */
  private makeRoom(bytes: number, forOne: Arrival): boolean {
    let missing = this.held - forOne.bytes() + bytes - this.limit;
    const stopped: Arrival[] = [];
    for (const arrival of this.arrivals) {
      if (missing <= 0 || this.clock.monotonic() - arrival.beganAt < PATIENCE_MS) break;
      // It is slow itself, and began before those that are left.
      if (arrival === forOne) break;
      if (arrival.bytes() === 0) continue;
      stopped.push(arrival);
      missing -= arrival.bytes();
    }
    if (missing > 0) return false;
    for (const arrival of stopped) arrival.stop();
    return true;
  }
}

/** A body that is being read. */
interface Arrival {
  readonly beganAt: number;
  readonly bytes: () => number;
  readonly stop: () => void;
}

/** One body's share of the pool. */
export interface BodyShare {
  /** @returns false, and changes nothing, if the pool has too little memory left */
  readonly grow: (bytes: number) => boolean;
  /** Call it when the body has arrived: it no longer gives way. */
  readonly complete: () => void;
  readonly release: () => void;
}
