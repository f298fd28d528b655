/** How a handler ended. */
export type HandlerResult =
  | { readonly handlerId: string; readonly status: 'finished' }
  /** The event is persisted; the handler is called later. */
  | { readonly handlerId: string; readonly status: 'queued' }
  /** It threw `error`; a redelivery runs it again. */
  | { readonly handlerId: string; readonly status: 'failed'; readonly error: unknown }
  /** It threw `error`, a `RevragPermanentError`: no redelivery runs it again. */
  | { readonly handlerId: string; readonly status: 'abandoned'; readonly error: Error };
