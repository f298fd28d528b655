/**
 * Trouble with a server or a function that this library asks. Its message is the library's own and
 * quotes nothing; it has no stack, which would only show the library's timers.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(message: string) {
    super(message);
    this.stack = `${this.name}: ${message}`;
  }
}
