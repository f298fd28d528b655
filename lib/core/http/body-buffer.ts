/** By which factor the buffer grows beyond the received bytes, if the sender declared a length. */
const AHEAD_OF_DECLARED = 4;
const AHEAD = 2;

/**
 * Collects a body in memory that depends on its bytes, not on its pieces: one piece stays as it is, several are
 * copied into one buffer.
 */
export class BodyBuffer {
  private length = 0;
  private bytes: Buffer | undefined;

  constructor(
    /** The length that the sender declared; NaN for none. */
    private readonly declared: number,
    private readonly limit: number,
  ) {}

  /** The memory that the body takes with one more piece, in bytes; undefined if it exceeds the limit. */
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

  /** @param size The result of `sizeWith` for the piece. */
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
