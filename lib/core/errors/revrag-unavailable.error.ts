import { HttpStatus } from '@nestjs/common';
import { RevragWebhookError } from './revrag-webhook.error.js';
import { summarizeError } from './summarize-error.js';

export type RevragUnavailableErrorCode =
  'store_unavailable' | 'secret_unavailable' | 'shutting_down' | 'overloaded';

/** Nothing was acknowledged; the sender should retry after `retryAfter` seconds (503). */
export class RevragUnavailableError extends RevragWebhookError {
  declare readonly code: RevragUnavailableErrorCode;
  /**
   * For the log: class and code of the error that the store, the queue or the secret function threw. The error
   * itself is dropped, as it may hold payloads and passwords.
   */
  declare readonly cause: string | undefined;

  constructor(
    code: RevragUnavailableErrorCode,
    message: string,
    /** Seconds. */
    readonly retryAfter: number,
    options: { cause?: unknown } = {},
  ) {
    super(code, message, HttpStatus.SERVICE_UNAVAILABLE);
    if (options.cause !== undefined) this.cause = summarizeError(options.cause);
  }
}
