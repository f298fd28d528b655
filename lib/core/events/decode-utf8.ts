import { isAscii, isUtf8, transcode } from 'node:buffer';

/** Below this size, in bytes, the calls cost more than they save. */
const LARGE = 4096;

/**
 * The text of UTF-8 bytes; invalid bytes become U+FFFD, as with `toString('utf8')`.
 *
 * Node's `toString` is slow for text that is not ASCII; see decision 31 for the figures.
 */
export function decodeUtf8(bytes: Buffer): string {
  // transcode() and toString() agree on valid UTF-8 only.
  if (bytes.length < LARGE || isAscii(bytes) || !isUtf8(bytes)) return bytes.toString('utf8');
  return transcode(bytes, 'utf8', 'ucs2').toString('ucs2');
}
