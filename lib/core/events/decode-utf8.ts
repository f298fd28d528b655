import { isAscii, isUtf8, transcode } from 'node:buffer';

/** Below this, the calls cost more than they save. */
const LARGE = 4096;

/**
 * The text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD, as with `toString('utf8')`.
 *
 * For large bodies the faster of Node's decoders is picked by what the bytes hold.
 */
export function decodeUtf8(bytes: Buffer): string {
  if (bytes.length < LARGE) return bytes.toString('utf8');
  if (isAscii(bytes)) return bytes.toString('latin1');
  // transcode() and toString() agree on valid UTF-8 only.
  if (isUtf8(bytes)) return transcode(bytes, 'utf8', 'ucs2').toString('ucs2');
  return bytes.toString('utf8');
}
