import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';

/** Carries a request's headers to its handler, which is given none of the HTTP around a delivery. */
export class ReceivedHeaders {
  private readonly storage = new AsyncLocalStorage<Record<string, string>>();

  /** Express middleware. */
  readonly middleware = (request: IncomingMessage, _response: unknown, next: () => void): void => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers)) {
      // What authorises somebody at a proxy is no part of a delivery, and not to be kept in a file.
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
