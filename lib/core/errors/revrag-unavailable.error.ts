import { HttpStatus } from '@nestjs/common';
import { RevragWebhookError } from './revrag-webhook.error.js';

export type RevragUnavailableErrorCode =
  'store_unavailable' | 'secret_unavailable' | 'shutting_down' | 'overloaded';

/** Nothing was acknowledged; the same delivery is welcome again after `retryAfter` seconds (503). */
export class RevragUnavailableError extends RevragWebhookError {
  declare readonly code: RevragUnavailableErrorCode;

  constructor(
    code: RevragUnavailableErrorCode,
    message: string,
    /** Seconds. */
    readonly retryAfter: number,
    options: { cause?: unknown } = {},
  ) {
    super(code, message, HttpStatus.SERVICE_UNAVAILABLE);
    // For the log alone: a response is made from `getResponse()`, which does not hold it.
    this.cause = options.cause;
  }
}
