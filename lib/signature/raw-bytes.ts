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
}

/** The bytes of a body: in one piece, as small ones are, or in several. */
export type BodyBytes = Buffer | RawBytes;

export const wholeOf = <T extends Uint8Array>(bytes: T | RawBytes): T | Buffer =>
  bytes instanceof RawBytes ? bytes.whole : bytes;
