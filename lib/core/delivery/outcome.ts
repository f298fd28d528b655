import type { RevragWebhookError } from '../errors/revrag-webhook.error.js';

/**
 * What became of a delivery. `id` is the delivery's id as sent; `handlerIds` are the handlers that ran for it, or
 * for which it is queued.
 */
export type Outcome =
  /** Every handler has finished. */
  | { readonly status: 'processed'; readonly id: string; readonly handlerIds: readonly string[] }
  /** Every handler had finished before. */
  | { readonly status: 'duplicate'; readonly id: string }
  /** It is authentic, but no handler matches. The store does not remember it. */
  | { readonly status: 'ignored'; readonly id: string }
  /** At least one handler gave up (`abandoned`); the others have finished. */
  | {
      readonly status: 'abandoned';
      readonly id: string;
      readonly handlerIds: readonly string[];
      readonly abandoned: readonly string[];
    }
  /** The queue has persisted it; workers run the handlers. */
  | { readonly status: 'queued'; readonly id: string; readonly handlerIds: readonly string[] }
  /** This process or another holds its claim. `retryAfter`: seconds. */
  | { readonly status: 'in_progress'; readonly id: string; readonly retryAfter: number }
  /** At least one handler failed or took longer than `handlerTimeout`; a redelivery runs only these. */
  | {
      readonly status: 'failed';
      readonly id: string;
      readonly handlerIds: readonly string[];
      readonly unfinished: readonly string[];
    }
  /** It was rejected, or nothing was acknowledged. */
  | { readonly status: 'refused'; readonly error: RevragWebhookError };
