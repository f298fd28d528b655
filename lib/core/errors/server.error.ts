/**
 * A server, or a function of the app, failed or did not answer. The message is the library's own and quotes
 * nothing. There is no stack, which would only show the library's timers.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(message: string) {
    super(message);
    this.stack = `${this.name}: ${message}`;
  }
}
