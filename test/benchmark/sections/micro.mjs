import { SIZES } from '../support/events.mjs';
import { Child } from '../support/child.mjs';
import { ratio, summary } from '../support/stats.mjs';

/** Those that a target of parsing names. */
const LARGE = SIZES.filter(({ bytes }) => bytes >= 800_000);

/** Runs a task in a process of its own. */
export async function runTask(file, options, nodeOptions) {
  const child = new Child(`../tasks/${file}.mjs`, 'server', { nodeOptions });
  await child.ready;
  const answer = await child.ask('run', options);
  await child.stop();
  return answer;
}

/** Microseconds of each, and each against the named one. */
function compared(times, reference) {
  return Object.fromEntries(
    Object.entries(times).map(([name, values]) => [
      name,
      { micros: summary(values), ratio: ratio(values, times[reference]) },
    ]),
  );
}

const turns = quick => (quick ? { rounds: 7, roundMs: 10 } : { rounds: 31, roundMs: 40 });

async function bySize(file, reference, { quick, log }, sizes = SIZES) {
  const results = [];
  for (const size of sizes) {
    const times = await runTask(file, { ...size, ...turns(quick) });
    results.push({ ...size, candidates: compared(times, reference) });
    log(`${file} at ${size.label}`);
  }
  return results;
}

/** Checking a signature: the library, its peers, and the bare primitives. */
export const verify = options => bySize('verify', 'bare', options);

/** Bytes to a validated event, against the parsing that nobody gets around. */
export const parse = options =>
  bySize('parse', 'decodeAndParse', options, options.quick ? LARGE : SIZES);

/** The memory store from empty to a million ids. */
export async function store({ quick, log }) {
  const ids = quick ? 200_000 : 1_000_000;
  const runs = [];
  for (let run = 0; run < (quick ? 1 : 3); run += 1) {
    runs.push(await runTask('store', { ids }, ['--expose-gc']));
    log(`store: ${ids} ids`);
  }
  const blocks = runs.flatMap(one => one.blocks.map(({ micros }) => micros));
  return {
    ids,
    micros: summary(blocks),
    bytesPerId: summary(runs.map(({ bytesPerId }) => bytesPerId)),
    growth: runs[0].blocks,
  };
}

/** What the library adds to the boot of an app with a thousand providers. */
export async function boot({ quick, log }) {
  const pairs = quick ? 3 : 41;
  const times = { with: [], without: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    for (const withLibrary of pair % 2 === 0 ? [true, false] : [false, true]) {
      const took = await runTask('boot', { providers: 1_000, withLibrary });
      times[withLibrary ? 'with' : 'without'].push(took);
    }
  }
  log('boot');
  const added = times.with.map((value, index) => value - times.without[index]);
  return {
    providers: 1_000,
    with: summary(times.with),
    without: summary(times.without),
    added: summary(added),
  };
}
