/** A value or a promise of it. A plain value is not awaited where that would cost more than computing it. */
export type Awaitable<T> = T | Promise<T>;

export const isThenable = <T>(value: Awaitable<T>): value is Promise<T> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
