/**
 * Thrown by a handler that will never succeed for this delivery, so that it is not tried again: the sender gets
 * 200 `abandoned` if no other handler failed, and a queue keeps a dead letter.
 *
 * @example
 * ```ts
 * throw new RevragPermanentError('The customer of this call was deleted.');
 * ```
 */
export class RevragPermanentError extends Error {
  override readonly name = 'RevragPermanentError';
  readonly code = 'permanent_failure';
}
