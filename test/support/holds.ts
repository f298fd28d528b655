import fc from 'fast-check';
import { expect } from 'vitest';

/** PROPERTY_SEED repeats a run. */
const SEED = Number(process.env.PROPERTY_SEED ?? Date.now() % 2 ** 31);
/** PROPERTY_CASES is for mutants: a few cases, always the same, as what only chance notices is not noticed. */
const MAX_CASES = Number(process.env.PROPERTY_CASES ?? Infinity);
// In the output of a run that hangs, too. Files of one process share the seed.
process.stdout.write(`properties: PROPERTY_SEED=${SEED}\n`);

/**
 * Checks a property in that many cases, and in no fewer: a run that was cut short fails. A failure shows the
 * smallest case that was found, and the seed.
 */
export async function holds<T>(
  property: fc.IRawProperty<T>,
  wanted = 100,
  seed = SEED,
): Promise<void> {
  const cases = Math.min(wanted, MAX_CASES);
  const result = await fc.check(property, { numRuns: cases, seed });
  if (result.failed) {
    const message = (await fc.asyncDefaultReportMessage(result)) ?? `failed with seed ${seed}`;
    throw new Error(message, { cause: result.errorInstance });
  }
  expect(result.numRuns, `cases of seed ${seed}`).toBeGreaterThanOrEqual(cases);
}
