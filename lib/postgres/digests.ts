import { digest } from '../core/common/digest.js';

/** The length of a digest that is compared within one call or one app only, in bytes. */
const SHORT = 8;

/** A digest in base64url as bytes. The added character keeps the bits of the last one. */
export const bytesOf = (text: string): Buffer => Buffer.from(`${text}A`, 'base64url');

export const textOf = (bytes: Buffer): string => bytes.toString('base64url').slice(0, -1);

/** The short form of a digest. */
export const nameOf = (text: string): Buffer => bytesOf(text).subarray(0, SHORT);

const handlerOf = (handlerId: string): Buffer => nameOf(digest(handlerId));

export const handlersOf = (handlerIds: readonly string[]): Buffer =>
  Buffer.concat(handlerIds.map(handlerOf));

/** The handlers among `handlerIds` that have finished. */
export function finishedOf(handlerIds: readonly string[], finished: Buffer): string[] {
  const known = new Set<string>();
  for (let start = 0; start < finished.length; start += SHORT) {
    known.add(finished.toString('hex', start, start + SHORT));
  }
  return handlerIds.filter(id => known.has(handlerOf(id).toString('hex')));
}
