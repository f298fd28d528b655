const TIMEOUT_MS = 15_000;

/** Waits until a condition holds, looking again and again. */
export async function eventually(
  condition: () => unknown,
  what = 'The condition',
  timeout = TIMEOUT_MS,
): Promise<void> {
  const until = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`${what} did not come true within ${timeout} ms`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
