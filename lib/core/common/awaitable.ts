/** A value or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
