import type { RevragWebhookError } from '../errors/revrag-webhook.error.js';

/**
 * What became of a delivery. `id` is the delivery's id as sent; `handlerIds` are those of the handlers that it
 * was handed to.
 */
export type Outcome =
  /** Every handler has finished. */
  | { readonly status: 'processed'; readonly id: string; readonly handlerIds: readonly string[] }
  /** No handler of it is left: all have finished before. */
  | { readonly status: 'duplicate'; readonly id: string }
  /** It is authentic, but nothing handles it; it is not remembered. */
  | { readonly status: 'ignored'; readonly id: string }
  /** At least one handler gave up on it (`abandoned`), the others have finished. */
  | {
      readonly status: 'abandoned';
      readonly id: string;
      readonly handlerIds: readonly string[];
      readonly abandoned: readonly string[];
    }
  /** A queue keeps it; its workers call the handlers. */
  | { readonly status: 'queued'; readonly id: string; readonly handlerIds: readonly string[] }
  /** Its claim is held: by this process, or by another. `retryAfter`: seconds. */
  | { readonly status: 'in_progress'; readonly id: string; readonly retryAfter: number }
  /** At least one handler failed or took longer than `handlerTimeout`; a redelivery runs only these. */
  | {
      readonly status: 'failed';
      readonly id: string;
      readonly handlerIds: readonly string[];
      readonly unfinished: readonly string[];
    }
  /** Nothing was done. */
  | { readonly status: 'refused'; readonly error: RevragWebhookError };
