import { digest } from '../core/common/digest.js';

/** Bytes of a digest that is compared within one call or one app only. */
const SHORT = 8;

/** A digest in base64url as bytes. A character more, so that the bits of the last one are kept. */
export const bytesOf = (text: string): Buffer => Buffer.from(`${text}A`, 'base64url');

export const textOf = (bytes: Buffer): string => bytes.toString('base64url').slice(0, -1);

/** The short form of a digest. */
export const nameOf = (text: string): Buffer => bytesOf(text).subarray(0, SHORT);

const handlerOf = (handlerId: string): Buffer => nameOf(digest(handlerId));

export const handlersOf = (handlerIds: readonly string[]): Buffer =>
  Buffer.concat(handlerIds.map(handlerOf));

/** Those of the handlers that have finished. */
export function finishedOf(handlerIds: readonly string[], finished: Buffer): string[] {
  const known = new Set<string>();
  for (let start = 0; start < finished.length; start += SHORT) {
    known.add(finished.toString('hex', start, start + SHORT));
  }
  return handlerIds.filter(id => known.has(handlerOf(id).toString('hex')));
}
