/** There at once, or to come: what is there need not be waited for, which would cost more than getting it. */
export type Awaitable<T> = T | Promise<T>;

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
