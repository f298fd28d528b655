/** In bytes. */
export const POOL_LIMIT = 64 * 1024 * 1024;

/**
 * Bounds the memory of all bodies of one app that are being read or wait to be verified. A single body may exceed
 * the limit: `bodyLimit` bounds it.
 */
export class BodyPool {
  private held = 0;

  constructor(
    /** Bytes. */
    readonly limit: number,
  ) {}

  /** Bytes. */
  get used(): number {
    return this.held;
  }

  share(): BodyShare {
    let own = 0;
    return {
      grow: bytes => {
        const others = this.held - own;
        if (others > 0 && others + bytes > this.limit) return false;
        this.held += bytes - own;
        own = bytes;
        return true;
      },
      release: () => {
        this.held -= own;
        own = 0;
      },
    };
  }
}

/** One body's share of the pool. */
export interface BodyShare {
  /** @returns false, and changes nothing, if the pool has too little memory left */
  readonly grow: (bytes: number) => boolean;
  readonly release: () => void;
}
