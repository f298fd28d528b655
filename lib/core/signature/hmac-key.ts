import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** Up to this many bytes, copying a message costs less than an `Hmac` object. */
const SMALL_MESSAGE_BYTES = 16 * 1024;
/** Of UTF-8, for a UTF-16 code unit. */
const MAX_BYTES_PER_UNIT = 3;

/**
 * A secret, prepared once for HMAC-SHA256, so that no delivery pays for it.
 *
 * The MAC of a small message is made of two one-shot hashes, as RFC 2104 defines it: Node's `Hmac` object
 * costs more than the hashing itself. Large ones go through that object, which needs no copy of them.
 */
export class HmacKey {
  readonly #key: KeyObject;
  /** The key's inner block, and room for a message. */
  readonly #inner = Buffer.alloc(BLOCK_BYTES + SMALL_MESSAGE_BYTES);
  /** The key's outer block, and room for the inner digest. */
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

  constructor(secret: string) {
    this.#key = createSecretKey(secret, 'utf8');
    const bytes = Buffer.from(secret, 'utf8');
    const block = Buffer.alloc(BLOCK_BYTES);
    block.set(bytes.length > BLOCK_BYTES ? hash('sha256', bytes, 'buffer') : bytes);
    this.#inner.set(block.map(byte => byte ^ INNER_PAD));
    this.#outer.set(block.map(byte => byte ^ OUTER_PAD));
  }

  /** The MAC of a text, in UTF-8, and the bytes that follow it. */
  mac(prefix: string, bytes: Uint8Array, encoding: 'hex' | 'base64url'): string {
    if (prefix.length * MAX_BYTES_PER_UNIT + bytes.length > SMALL_MESSAGE_BYTES) {
      return this.macOfLarge(prefix, bytes, encoding);
    }
    const start = BLOCK_BYTES + this.#inner.write(prefix, BLOCK_BYTES, 'utf8');
    this.#inner.set(bytes, start);
    const digest = hash('sha256', this.#inner.subarray(0, start + bytes.length), 'binary');
    this.#outer.write(digest, BLOCK_BYTES, 'latin1');
    return hash('sha256', this.#outer, encoding);
  }

  private macOfLarge(prefix: string, bytes: Uint8Array, encoding: 'hex' | 'base64url'): string {
    return createHmac('sha256', this.#key).update(prefix).update(bytes).digest(encoding);
  }
}
