/** How much more is set aside than has come, for a body that says that it is that large. */
const AHEAD_OF_DECLARED = 4;
const AHEAD = 2;

/**
 * A body as it comes, in memory that depends on its bytes and not on its pieces: one piece stays as it
 * is, several are copied into one buffer.
 */
export class BodyBuffer {
  private length = 0;
  private bytes: Buffer | undefined;

  constructor(
    /** The length that the sender gave; NaN where it gave none. */
    private readonly declared: number,
    private readonly limit: number,
  ) {}

  /** The memory that the body takes with a piece more, in bytes; undefined where that is over the limit. */
  sizeWith(chunk: Buffer): number | undefined {
    const length = this.length + chunk.length;
    if (length > this.limit) return undefined;
    if (!this.bytes) return length;
    if (length <= this.bytes.length) return this.bytes.length;
    const size =
      this.declared >= length
        ? Math.min(this.declared, AHEAD_OF_DECLARED * length)
        : AHEAD * length;
    return Math.min(size, this.limit);
  }

  /** @param size What `sizeWith` gave for the piece. */
  add(chunk: Buffer, size: number): void {
    if (!this.bytes) {
      this.bytes = chunk;
    } else {
      if (size > this.bytes.length) {
        const larger = Buffer.allocUnsafeSlow(size);
        this.bytes.copy(larger, 0, 0, this.length);
        this.bytes = larger;
      }
      chunk.copy(this.bytes, this.length);
    }
    this.length += chunk.length;
  }

  toBuffer(): Buffer {
    return this.bytes?.subarray(0, this.length) ?? Buffer.alloc(0);
  }
}
