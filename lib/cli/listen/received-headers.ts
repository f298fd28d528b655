import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';

/** Carries a request's headers to its handler, with the signature, which `delivery.headers` leaves out. */
export class ReceivedHeaders {
  private readonly storage = new AsyncLocalStorage<Record<string, string>>();

  /** Express middleware. */
  readonly middleware = (request: IncomingMessage, _response: unknown, next: () => void): void => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) {
      // Credentials for a proxy are not part of the delivery, and must not be saved.
      if (value !== undefined && !PRIVATE.includes(name)) headers[name] = [value].flat().join(', ');
    }
    this.storage.run(headers, next);
  };

  /** Those of the delivery that is being handled. */
  current(): Readonly<Record<string, string>> {
    return this.storage.getStore() ?? {};
  }
}

const PRIVATE = ['authorization', 'cookie', 'proxy-authorization'];
