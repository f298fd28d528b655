import type { Clock } from '../core/common/clock.js';

/** What a promise gives; undefined if it takes longer than `ms` milliseconds. Rejects as it does. */
export function within<T>(coming: Promise<T>, ms: number, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    coming.finally(cancel).then(resolve, reject);
  });
}
