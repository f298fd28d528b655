import { BenchServer } from '../support/bench-server.mjs';
import { SIZES } from '../support/events.mjs';
import { startLoad } from '../support/load-generator.mjs';
import { rotate, summary } from '../support/stats.mjs';
import { rowsAt } from '../rows.mjs';

const NULL_ROW = {
  id: 'null',
  label: 'an answer without looking (ceiling of the load generator)',
  file: '../servers/null.mjs',
  args: [],
  scheme: 'revrag',
  path: '/',
  verifies: false,
};

const connectionsFor = bytes => (bytes >= 400_000 ? 8 : 32);

/** Requests per second of each server at each size; the servers take turns. */
export async function throughput(context) {
  const { quick, rowIds, sizes, getRedis } = context;
  const results = [];
  for (const size of SIZES.filter(({ label }) => sizes.includes(label))) {
    const rows = rowsAt(size.label, { quick, ids: rowIds });
    const redis = rows.some(row => row.needsRedis) ? await getRedis() : undefined;
    if (!quick) rows.unshift(NULL_ROW);
    if (rows.length > 0) results.push(await atSize(size, rows, { ...context, redis }));
  }
  return results;
}

async function atSize(size, rows, { quick, log, redis }) {
  const repetitions = quick ? 5 : 9;
  const seconds = quick ? 0.2 : 0.6;
  const load = await startLoad();
  const servers = [];
  const notes = {};
  for (const row of rows) {
    if (row.needsRedis && !redis) {
      notes[row.id] = 'no Redis can be started here';
      continue;
    }
    const server = new BenchServer(row, { redis });
    try {
      servers.push(await server.start(load));
    } catch (error) {
      notes[row.id] = error.message.split('\n')[0];
      await server.stop();
    }
  }
  const job = {
    bytes: size.bytes,
    language: size.language,
    connections: connectionsFor(size.bytes),
    maxSeconds: 10,
  };
  const samples = new Map(servers.map(server => [server, []]));
  const counts = new Map();
  for (const server of servers) {
    counts.set(server, await warmUp(server, load, job, seconds));
  }
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const server of rotate(servers, repetition * 5)) {
      const sample = await server.measure(load, { ...job, count: counts.get(server) });
      samples.get(server).push(sample);
    }
    log(`${size.label}: ${repetition + 1} of ${repetitions}`);
  }
  for (const server of servers) await server.stop();
  await load.stop();
  const measured = servers.map(server => toResult(server.row, samples.get(server)));
  return { ...size, connections: job.connections, rows: measured, notes };
}

/** @returns how many requests take about `seconds` */
async function warmUp(server, load, job, seconds) {
  const few = Math.max(20, Math.round(2e6 / job.bytes));
  const { perSecond } = await server.measure(load, { ...job, count: few });
  const warm = Math.max(few, Math.round(perSecond * seconds));
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
