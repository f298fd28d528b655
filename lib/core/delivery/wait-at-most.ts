import type { Timeouts } from '../common/timeouts.js';

/**
 * Resolves when work is done, or when a timeout is over if that is sooner. The work goes on.
 *
 * @returns whether it is done
 */
export function waitAtMost(timeouts: Timeouts, work: Promise<void>): Promise<boolean> {
  return new Promise(resolve => {
    const wait = timeouts.start(() => resolve(false));
    void work.then(() => {
      timeouts.cancel(wait);
      resolve(true);
    });
  });
}
