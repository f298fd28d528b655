/** Runs tasks for all items, so many at once; stops taking items once the signal aborts. */
export async function runAll<T>(
  items: Iterable<T>,
  concurrency: number,
  signal: AbortSignal,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const work = async () => {
    while (!signal.aborted) {
      const next = iterator.next();
      if (next.done) return;
      await task(next.value);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}
