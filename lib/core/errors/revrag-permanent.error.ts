/**
 * Thrown by a handler that would fail the same way each time: there is no retry. The sender gets 200
 * `abandoned` if no other handler failed; in a queue, the job becomes a dead letter at once.
 *
 * The message goes to the log and stays with the dead letter, so keep the payload out of it.
 *
 * @example
 * ```ts
 * throw new RevragPermanentError(`There is no account for call ${call.call_id}`);
 * ```
 */
export class RevragPermanentError extends Error {
  override readonly name = 'RevragPermanentError';
  readonly code = 'abandoned';
}
