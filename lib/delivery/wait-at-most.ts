import type { Clock } from '../clock.js';

/** Resolves when work is done, or after `ms` milliseconds if that is sooner. The work goes on. */
export function waitAtMost(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  return new Promise(resolve => {
    const cancel = clock.after(ms, resolve);
    void work.then(() => {
      cancel();
      resolve();
    });
  });
}
