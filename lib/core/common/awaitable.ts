/** What code of the app may answer: a value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;
