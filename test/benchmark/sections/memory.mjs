import { row } from '../rows.mjs';
import { BenchServer } from '../support/bench-server.mjs';
import { startLoad } from '../support/load-generator.mjs';
import { summary } from '../support/stats.mjs';

const BYTES = 1_000_000;
const CONNECTIONS = 200;

/** How far the memory of a server rises when 200 senders come at once, in bytes in flight. */
export async function memory({ quick, log }) {
  const results = [];
  for (const id of quick ? ['ours'] : ['ours', 'floor', 'plain', 'guard']) {
    const peaks = [];
    for (let run = 0; run < (quick ? 1 : 5); run += 1) peaks.push(await once(row(id)));
    results.push({
      id,
      label: row(id).label,
      idle: summary(peaks.map(peak => peak.idle)),
      peak: summary(peaks.map(peak => peak.peak)),
      timesInFlight: summary(peaks.map(peak => (peak.peak - peak.idle) / (BYTES * CONNECTIONS))),
    });
    log(`memory: ${id}`);
  }
  return results;
}

async function once(target) {
  const load = await startLoad();
  const server = await new BenchServer(target).start(load);
  const { rss: idle } = await server.ask('usage');
  await server.measure(load, {
    bytes: BYTES,
    language: 'english',
    connections: CONNECTIONS,
    count: CONNECTIONS,
    maxSeconds: 60,
  });
  const { peakRss: peak } = await server.ask('usage');
  await server.stop();
  await load.stop();
  return { idle, peak };
}
