/** For a busy machine, and less than a test may take, so that a failure names what was waited for. */
export const PATIENCE_MS = Number(process.env.REVRAG_TEST_PATIENCE ?? 60_000);

/** Waits until a condition holds, looking again and again. */
export async function eventually(
  condition: () => unknown,
  what = 'The condition',
  timeout = PATIENCE_MS,
): Promise<void> {
  const until = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > until) throw new Error(`${what} did not come true within ${timeout} ms`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}
