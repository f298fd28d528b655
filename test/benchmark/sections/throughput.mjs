import { BenchServer } from '../support/bench-server.mjs';
import { SIZES } from '../support/events.mjs';
import { startLoad } from '../support/load-generator.mjs';
import { rotate, summary } from '../support/stats.mjs';
import { ROWS, rowsAt } from '../rows.mjs';

const NULL_ROW = {
  id: 'null',
  turns: 'others',
  label: 'an answer without looking (ceiling of the load generator)',
  file: '../servers/null.mjs',
  args: [],
  scheme: 'revrag',
  path: '/',
  verifies: false,
};

const isLarge = bytes => bytes >= 400_000;
const connectionsFor = bytes => (isLarge(bytes) ? 8 : 32);

/** Requests per second of each server at each size. */
export async function throughput(context) {
  const { quick, rowIds, sizes } = context;
  const measured = SIZES.filter(({ label }) => sizes.includes(label)).map(size => ({
    ...size,
    ids: rowsAt(size.label, { quick, ids: rowIds }).map(({ id }) => id),
  }));
  const ids = new Set(measured.flatMap(size => size.ids));
  const load = await startLoad();
  const { servers, notes } = await start(
    ROWS.filter(({ id }) => ids.has(id)),
    load,
    context,
  );
  const results = [];
  for (const { ids: at, ...size } of measured) {
    const some = servers.filter(({ row: { id } }) => at.includes(id) || id === NULL_ROW.id);
    results.push({ ...(await atSize(size, some, load, context)), notes });
  }
  for (const server of servers) await server.stop();
  await load.stop();
  return results;
}

/** Starts the servers; what does not start is left out, and why is noted. */
async function start(rows, load, { quick, backing, log }) {
  const servers = [];
  const notes = {};
  for (const row of quick ? rows : [NULL_ROW, ...rows]) {
    const needed = row.needs && (await backing.get(row.needs));
    if (row.needs && !needed) {
      notes[row.id] = `no ${row.needs} can be started here`;
      continue;
    }
    const server = new BenchServer(row, { backing: needed });
    try {
      servers.push(await server.start(load));
    } catch (error) {
      notes[row.id] = error.message.split('\n')[0];
      await server.stop();
    }
  }
  log('throughput: servers started');
  return { servers, notes };
}

/**
 * The servers of a group take turns, one group after the other: where all took turns, each would be idle for
 * twenty seconds at a time. V8 gives memory back then and collects more often, which its next turn pays for.
 */
async function atSize(size, servers, load, context) {
  const samples = new Map();
  for (const turns of new Set(servers.map(({ row }) => row.turns))) {
    const group = servers.filter(({ row }) => row.turns === turns);
    for (const [server, some] of await inTurns(size, group, load, context)) {
      samples.set(server, some);
    }
  }
  const measured = servers.map(server => toResult(server.row, samples.get(server)));
  return { ...size, connections: connectionsFor(size.bytes), rows: measured };
}

async function inTurns({ label, bytes, language }, servers, load, { quick, log }) {
  // A server on Express collects all memory about every 0.7 s: a turn of that length holds one such collection,
  // while of shorter turns some do and some do not, and their median is that of either kind.
  const { repetitions, seconds } = quick
    ? { repetitions: 4, seconds: 0.15 }
    : { repetitions: 15, seconds: 0.8 };
  // Large bodies for a second at least, as V8 sizes its heap by what it has seen.
  const warmSeconds = Math.max(3 * seconds, isLarge(bytes) ? 1 : 0);
  const job = { bytes, language, connections: connectionsFor(bytes), maxSeconds: 10 };
  const samples = new Map(servers.map(server => [server, []]));
  const counts = new Map();
  for (const server of servers) {
    counts.set(server, await warmUp(server, load, job, { seconds, warmSeconds }));
  }
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const server of rotate(servers, repetition)) {
      const sample = await server.measure(load, { ...job, count: counts.get(server) });
      samples.get(server).push(sample);
    }
  }
  log(`${label}: ${servers.map(({ row: { id } }) => id).join(', ')}`);
  return samples;
}

/** @returns how many requests take about `seconds` */
async function warmUp(server, load, job, { seconds, warmSeconds }) {
  const few = Math.max(20, Math.min(1_000, Math.round(2e6 / job.bytes)));
  const { perSecond } = await server.measure(load, { ...job, count: few });
  const warm = Math.max(few, Math.round(perSecond * warmSeconds));
  const { perSecond: warmed } = await server.measure(load, { ...job, count: warm });
  return Math.min(60_000, Math.max(16, Math.round(warmed * seconds)));
}

function toResult({ id, label }, samples) {
  const of = field => summary(samples.map(sample => sample[field]));
  const failed = samples.flatMap(({ statuses }) =>
    Object.keys(statuses).filter(status => !/^2\d\d$/.test(status)),
  );
  return {
    id,
    label,
    perSecond: of('perSecond'),
    cpuMicros: summary(samples.map(({ cpuPerRequest }) => cpuPerRequest * 1e6)),
    ...(samples[0].redisCpuPerRequest !== undefined && {
      redisCpuMicros: summary(samples.map(sample => sample.redisCpuPerRequest * 1e6)),
      redisCommands: of('redisCommandsPerRequest'),
    }),
    p50: of('p50'),
    p99: of('p99'),
    serverBusy: of('serverBusy'),
    loadBusy: of('loadBusy'),
    ...(failed.length > 0 && { unexpected: [...new Set(failed)] }),
  };
}
