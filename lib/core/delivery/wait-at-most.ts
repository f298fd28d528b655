import type { Clock } from '../common/clock.js';

/**
 * Resolves when work is done, or after `ms` milliseconds if that is sooner. The work goes on.
 *
 * @returns whether it is done
 */
export function waitAtMost(clock: Clock, ms: number, work: Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(false));
    work.finally(cancel).then(() => resolve(true), reject);
  });
}
