import type { Clock } from './clock.js';

/**
 * Whether work ends within `ms` milliseconds. Work that takes longer continues. Rejects if the work does so in time.
 *
 * @param keepAlive Whether the timer keeps the process alive.
 */
export function endsWithin(
  work: Promise<unknown>,
  ms: number,
  clock: Clock,
  keepAlive = false,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(false), keepAlive);
    work.finally(cancel).then(() => resolve(true), reject);
  });
}

/** What the work resolves to; undefined if it takes longer than `ms` milliseconds. Rejects as `endsWithin`. */
export async function within<T>(
  work: Promise<T>,
  ms: number,
  clock: Clock,
): Promise<T | undefined> {
  return (await endsWithin(work, ms, clock)) ? work : undefined;
}
