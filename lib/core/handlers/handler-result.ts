/** How a handler ended. */
export type HandlerResult =
  | { readonly status: 'finished' }
  /** The event is persisted; the handler is called later. */
  | { readonly status: 'queued' }
  /** It threw `error`; a redelivery runs it again. */
  | { readonly status: 'failed'; readonly error: unknown }
  /** It threw `error`, a `RevragPermanentError`: no redelivery runs it again. */
  | { readonly status: 'abandoned'; readonly error: Error };
