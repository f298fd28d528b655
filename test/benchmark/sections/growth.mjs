import { row } from '../rows.mjs';
import { BenchServer } from '../support/bench-server.mjs';
import { startLoad } from '../support/load-generator.mjs';
import { rotate, summary } from '../support/stats.mjs';

const SIZES = [1_000, 4_000, 16_000, 64_000, 250_000, 1_000_000, 5_000_000];
const HANDLERS = [1, 2, 5, 10, 20, 50];

/** Server CPU per delivery from 1 kB to 5 MB: the floor, a plain Nest route, the library. */
export async function sizeGrowth({ quick, log }) {
  const load = await startLoad();
  const servers = [];
  for (const id of ['floor', 'plain', 'ours']) {
    servers.push(await new BenchServer(row(id)).start(load));
  }
  const results = [];
  for (const bytes of quick ? [1_000, 64_000, 1_000_000] : SIZES) {
    const job = { bytes, language: 'english', connections: 8, maxSeconds: 10 };
    const count = Math.round(
      Math.max(24, Math.min(quick ? 1_000 : 3_000, (quick ? 3e7 : 1e8) / bytes)),
    );
    const samples = await interleave(servers, load, { ...job, count }, quick ? 2 : 5);
    results.push({ bytes, cpuMicros: mapValues(samples, summary) });
    log(`growth: ${bytes} bytes`);
  }
  await stop(servers, load);
  return results;
}

/** Server CPU per 0.8 kB delivery with 1 to 50 handlers that do nothing. */
export async function handlerGrowth({ quick, log }) {
  const load = await startLoad();
  const servers = [];
  for (const count of quick ? [1, 50] : HANDLERS) {
    const ours = { ...row('ours'), id: String(count), args: ['express', String(count)] };
    servers.push(await new BenchServer(ours).start(load));
  }
  const job = { bytes: 800, language: 'english', connections: 32, maxSeconds: 10 };
  const samples = await interleave(
    servers,
    load,
    { ...job, count: quick ? 1_000 : 5_000 },
    quick ? 2 : 5,
  );
  await stop(servers, load);
  log('growth: handlers');
  return Object.entries(samples).map(([handlers, micros]) => ({
    handlers: Number(handlers),
    cpuMicros: summary(micros),
  }));
}

async function interleave(servers, load, job, repetitions) {
  const samples = Object.fromEntries(servers.map(({ row: { id } }) => [id, []]));
  for (let repetition = -1; repetition < repetitions; repetition += 1) {
    for (const server of rotate(servers, repetition + 1)) {
      const { cpuPerRequest } = await server.measure(load, job);
      if (repetition >= 0) samples[server.row.id].push(cpuPerRequest * 1e6);
    }
  }
  return samples;
}

async function stop(servers, load) {
  for (const server of servers) await server.stop();
  await load.stop();
}

const mapValues = (object, map) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
