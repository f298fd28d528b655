import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How many deliveries are sent; `npm run fuzz` sets a million. */
export const RUNS = Number(process.env.FUZZ_RUNS ?? 20_000);
/** Taken from the environment to see a failure again. */
export const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** This part of all goes over HTTP. */
export const HTTP_SHARE = 0.05;

const PROGRESS_EVERY_MS = 10_000;
/** Far more than a batch takes; one that never ends is a failure with a seed rather than a timeout. */
const BATCH_PATIENCE_MS = 60_000;

interface Summary {
  readonly outcomes: Readonly<Record<string, number>>;
  /** Bytes per delivery of what is still held after the garbage is gone; undefined for a run too short. */
  readonly growth: number;
}

/**
 * Sends `runs` deliveries in batches of `width`, and watches the memory that is left behind.
 *
 * @param send Does one batch and tells the outcome of each; throws with the index where one is wrong.
 */
export async function run(
  title: string,
  runs: number,
  width: number,
  send: (from: number, to: number) => Promise<readonly string[]>,
): Promise<Summary> {
  const isLong = process.env.FUZZ_RUNS !== undefined;
  const outcomes = new Map<string, number>();
  console.log(`${title}: ${runs} mutated deliveries, FUZZ_SEED=${SEED}`);
  const startedAt = Date.now();
  let reportedAt = startedAt;
  let baseline: { at: number; bytes: number } | undefined;
  const report = (done: number) => {
    const seconds = (Date.now() - startedAt) / 1000;
    const rate = Math.round(done / seconds);
    const counts = [...outcomes].sort().map(([outcome, count]) => `${outcome} ${count}`);
    console.log(
      `${title}: ${done} of ${runs} in ${seconds.toFixed(1)} s, ${rate}/s, seed ${SEED}: ${counts.join(', ')}`,
    );
  };
  for (let from = 0; from < runs; from += width) {
    // Not before stores are full and code is compiled.
    if (!baseline && from >= runs / 2) baseline = { at: from, bytes: await heldMemory() };
    const to = Math.min(runs, from + width);
    for (const outcome of await inTime(send(from, to), from, to)) {
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    if (isLong && Date.now() - reportedAt > PROGRESS_EVERY_MS) {
      reportedAt = Date.now();
      report(to);
    }
  }
  const sent = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
  if (!(runs > 0 && sent >= runs)) throw new Error(`only ${sent} of ${runs} deliveries were sent`);
  const growth = (await heldMemory()) - (baseline?.bytes ?? 0);
  if (isLong) {
    report(runs);
    console.log(`${title}: ${growth} bytes more held after the second half than before it`);
  }
  return { outcomes: Object.fromEntries(outcomes), growth };
}

function inTime<T>(work: Promise<T>, from: number, to: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no end of deliveries ${from} to ${to - 1}, seed ${SEED}`));
    }, BATCH_PATIENCE_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Says how to see a failure again. */
export const withSeed = (error: unknown, index: number): Error =>
  new Error(`delivery ${index} of seed ${SEED} (FUZZ_SEED=${SEED}): ${(error as Error).message}`, {
    cause: error,
  });

async function heldMemory(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Finalisers and what they free take a turn or two.
  for (let turn = 0; turn < 4; turn += 1) {
    await new Promise(resolve => setTimeout(resolve, 20));
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
