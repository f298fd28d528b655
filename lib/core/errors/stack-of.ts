/**
 * The stack of what code of the app threw, for the log's second argument. Never throws, although an error may be
 * made so that reading it does.
 */
export function stackOf(thrown: unknown): string | undefined {
  try {
    return thrown instanceof Error ? thrown.stack : `It threw a value of type ${typeof thrown}`;
  } catch {
    return 'It threw an error that cannot be read';
  }
}
