import { row } from '../rows.mjs';
import { BenchServer } from '../support/bench-server.mjs';
import { startLoad } from '../support/load-generator.mjs';
import { ratio, rotate, summary } from '../support/stats.mjs';

const JOB = { bytes: 800_000, language: 'english', connections: 8, maxSeconds: 20 };

/** Those that are refused by their headers are sent more often: a short turn pays for garbage of the one before. */
const MANY = 5;

const KINDS = [
  { id: 'accepted', kind: 'genuine' },
  { id: 'forged', kind: 'forged' },
  { id: 'stale', kind: 'stale', times: MANY },
  { id: 'malformed', kind: 'malformed', times: MANY },
  { id: 'missing', kind: 'missing', times: MANY },
  // Answered although not a byte of the body is ever sent: so it was not waited for.
  { id: 'stale, body held back', kind: 'stale', headOnly: true, times: MANY },
];

/** CPU of the server process per 800 kB delivery, by what is wrong with it. */
export async function refusals({ quick, log }) {
  const load = await startLoad();
  const server = await new BenchServer(row('ours')).start(load);
  const few = quick ? 50 : 300;
  const samples = Object.fromEntries(KINDS.map(({ id }) => [id, []]));
  const statuses = {};
  for (let repetition = -1; repetition < (quick ? 3 : 21); repetition += 1) {
    for (const { id, kind, headOnly, times = 1 } of rotate(KINDS, repetition + 1)) {
      const sample = await server.measure(load, { ...JOB, kind, headOnly, count: few * times });
      // The first time around warms up.
      if (repetition >= 0) samples[id].push(sample.cpuPerRequest * 1e6);
      statuses[id] = Object.keys(sample.statuses);
    }
  }
  await server.stop();
  await load.stop();
  log('refusals');
  return KINDS.map(({ id }) => ({
    id,
    statuses: statuses[id],
    cpuMicros: summary(samples[id]),
    ratio: ratio(samples[id], samples.accepted),
  }));
}
