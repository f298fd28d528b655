import { RawBytes, type BodyBytes } from '../signature/raw-bytes.js';

/** Memory in which one body after the other is joined to be decoded; it grows to the size of the largest. */
export class JoiningMemory {
  private memory = Buffer.alloc(0);

  /** @returns the body in one piece, to be used before the next one is joined */
  join(body: BodyBytes): Buffer {
    if (!(body instanceof RawBytes)) return body;
    if (this.memory.length < body.length) this.memory = Buffer.allocUnsafeSlow(body.length);
    let end = 0;
    for (const piece of body.pieces) end += piece.copy(this.memory, end);
    return this.memory.subarray(0, end);
  }
}
