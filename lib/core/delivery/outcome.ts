import type { RevragWebhookError } from '../errors/revrag-webhook.error.js';

/** What became of a delivery. `id` is the id it is remembered under. */
export type Outcome =
  /** Every handler has finished. */
  | { readonly status: 'processed'; readonly id: string }
  /** It was completed before. */
  | { readonly status: 'duplicate'; readonly id: string }
  /** It is authentic, but nothing handles it; it is not remembered. */
  | { readonly status: 'ignored'; readonly id: string }
  /** It is kept by a queue, whose workers call the handlers. */
  | { readonly status: 'queued'; readonly id: string }
  /** Another worker holds the claim. `retryAfter`: seconds. */
  | { readonly status: 'in_progress'; readonly id: string; readonly retryAfter: number }
  /** At least one handler failed or took longer than `handlerTimeout`; a redelivery runs only these. */
  | { readonly status: 'failed'; readonly id: string; readonly handlerIds: readonly string[] }
  /** Nothing was done. */
  | { readonly status: 'refused'; readonly error: RevragWebhookError };
