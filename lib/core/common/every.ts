import type { Clock } from './clock.js';

/**
 * Repeats work every `ms` milliseconds; the first time after that long. Does not wait for work that takes longer.
 *
 * @param work Must not throw.
 * @returns a function that ends it
 */
export function every(ms: number, clock: Clock, work: () => void): () => void {
  let cancel: () => void;
  const wait = (): void => {
    cancel = clock.after(ms, () => {
      wait();
      work();
    });
  };
  wait();
  return () => cancel();
}
