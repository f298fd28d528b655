// What the micro figures have in common: each runs in a pinned process of its own, and things that are
// compared take turns within it.
import process from 'node:process';

/** Makes this process one that runs `task` when asked and sends what it returns. */
export function serveTask(task) {
  process.on('message', async ({ id, with: options }) => {
    try {
      process.send({ id, answer: await task(options) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
  process.on('disconnect', () => process.exit());
  process.send({ ready: true });
}

/**
 * Microseconds of the processor that this process has had: what else the machine does is not in it, which
 * it would be in the time on the clock.
 */
export function usedMicros() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Until the compiler has seen enough: calls of each candidate, or milliseconds where a call takes long. */
const WARM_UP = { turns: 5, calls: 2_000, ms: 40 };

/** Each candidate in turns, before the clock starts: those that share code shall all find it warm. */
async function warmUp(calls) {
  for (let turn = 0; turn < WARM_UP.turns; turn += 1) {
    for (const call of calls) {
      const until = usedMicros() + WARM_UP.ms * 1000;
      for (let left = WARM_UP.calls; left > 0 && usedMicros() < until; left -= 10) {
        await repeat(call, 10);
      }
    }
  }
}

/**
 * Microseconds per call of each candidate, `rounds` times, in turns. A candidate is called with a running
 * number, to take another input each time.
 *
 * @param {Record<string, (index: number) => unknown>} candidates
 * @returns {Promise<Record<string, number[]>>}
 */
export async function takeTurns(candidates, { rounds, roundMs }) {
  const entries = Object.entries(candidates);
  const times = Object.fromEntries(entries.map(([name]) => [name, []]));
  const iterations = {};
  await warmUp(Object.values(candidates));
  for (const [name, call] of entries) {
    const once = Math.max(await repeat(call, 10), 0.1) / 10;
    iterations[name] = Math.max(2, Math.round((roundMs * 1000) / once));
    await repeat(call, iterations[name]);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (let index = 0; index < entries.length; index += 1) {
      const [name, call] = entries[(index + round) % entries.length];
      times[name].push((await repeat(call, iterations[name])) / iterations[name]);
    }
  }
  return times;
}

/** @returns microseconds for all */
async function repeat(call, iterations) {
  const before = usedMicros();
  for (let index = 0; index < iterations; index += 1) {
    const returned = call(index);
    if (returned instanceof Promise) await returned;
  }
  return usedMicros() - before;
}
