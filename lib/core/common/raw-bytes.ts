/**
 * A large body in the pieces that it came in. Memory to join them in is among the most expensive things that
 * such a delivery needs, as the system has to find it anew each time, so they are joined only for those who
 * ask for the whole.
 */
export class RawBytes {
  private joined: Buffer | undefined;

  constructor(
    readonly pieces: readonly Buffer[],
    /** Of all pieces together. */
    readonly length: number,
  ) {}

  get whole(): Buffer {
    return (this.joined ??= Buffer.concat(this.pieces, this.length));
  }

  at(place: number): number | undefined {
    let from = 0;
    for (const piece of this.pieces) {
      if (place < from + piece.length) return piece[place - from];
      from += piece.length;
    }
    return undefined;
  }

  /** @returns where the byte is first found from `start` on, or -1 */
  indexOf(byte: number, start: number): number {
    let from = 0;
    for (const piece of this.pieces) {
      const found =
        start < from + piece.length ? piece.indexOf(byte, Math.max(0, start - from)) : -1;
      if (found !== -1) return from + found;
      from += piece.length;
    }
    return -1;
  }

  /**
   * Copies the bytes from `start` to `end`, which is not part of them, as `Buffer.copy` does.
   *
   * @returns how many were copied
   */
  copy(target: Buffer, targetStart: number, start: number, end: number): number {
    let copied = 0;
    let from = 0;
    for (const piece of this.pieces) {
      const [first, last] = [Math.max(0, start - from), Math.min(piece.length, end - from)];
      if (first < last) copied += piece.copy(target, targetStart + copied, first, last);
      from += piece.length;
    }
    return copied;
  }
}

/** The bytes of a body: in one piece, as small ones are, or in several. */
export type BodyBytes = Buffer | RawBytes;

export const wholeOf = <T extends Uint8Array>(bytes: T | RawBytes): T | Buffer =>
  bytes instanceof RawBytes ? bytes.whole : bytes;
