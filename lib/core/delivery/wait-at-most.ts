import type { Clock } from '../common/clock.js';

/**
 * Resolves when the work has finished, or after `ms` milliseconds if that is sooner. The work continues.
 *
 * @returns whether it has finished
 */
export function waitAtMost(clock: Clock, ms: number, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(false));
    work.finally(cancel).then(() => resolve(true), reject);
  });
}
