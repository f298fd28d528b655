import { row } from '../rows.mjs';
import { BenchServer } from '../support/bench-server.mjs';
import { startLoad } from '../support/load-generator.mjs';
import { startCountingProxy } from '../support/backing-servers.mjs';
import { ratio, rotate, summary } from '../support/stats.mjs';
import { runTask } from './micro.mjs';

/** Requests until a server has been compiled for the most part. */
const WARM_UP = 2_500;
const SMALL = { bytes: 800, language: 'english', maxSeconds: 10 };

/** How often one delivery waits for Redis: counted between the server and its Redis, one delivery at a time. */
export async function roundTrips({ log, backing }) {
  const redis = await backing.get('redis');
  if (!redis) return undefined;
  const proxy = await startCountingProxy(redis.port);
  const load = await startLoad();
  const server = new BenchServer(row('redis'), {
    backing: redis,
    url: `redis://127.0.0.1:${proxy.port}`,
  });
  await server.start(load);
  const before = proxy.roundTrips;
  const { requests } = await server.measure(load, { ...SMALL, connections: 1, count: 50 });
  const perDelivery = (proxy.roundTrips - before) / requests;
  await server.stop();
  await load.stop();
  await proxy.close();
  log('redis: round trips');
  return { deliveries: requests, perDelivery };
}

/** Acknowledged events against bare `queue.add` of the same jobs, in each of several processes, as no two are compiled alike. */
export async function queue({ quick, log, backing }) {
  const redis = await backing.get('redis');
  if (!redis) return undefined;
  const turns = quick ? { rounds: 9, count: 500 } : { rounds: 7, count: 3_000 };
  const options = { url: redis.url, bytes: SMALL.bytes, underWay: 32, ...turns };
  const acknowledged = [];
  const bare = [];
  for (let run = 0; run < (quick ? 1 : 7); run += 1) {
    const samples = await runTask('queue', options);
    acknowledged.push(...samples.acknowledged);
    bare.push(...samples.bare);
  }
  await redis.flush();
  log('queue');
  const of = (samples, field) => samples.map(sample => sample[field]);
  const both = samples => ({
    perSecond: summary(of(samples, 'perSecond')),
    cpuMicros: summary(of(samples, 'cpuMicros')),
  });
  return {
    acknowledged: both(acknowledged),
    bare: both(bare),
    ratio: {
      ...ratio(of(acknowledged, 'perSecond'), of(bare, 'perSecond')),
      cpu: ratio(of(bare, 'cpuMicros'), of(acknowledged, 'cpuMicros')).median,
    },
  };
}

/** Jobs handled by the library's worker against a bare one, on each kind of server. */
export async function workers({ quick, log, backing }) {
  const results = [];
  for (const kind of ['redis', 'postgres']) {
    const server = await backing.get(kind);
    if (!server) continue;
    const backend =
      kind === 'redis' ? { connection: { url: server.url } } : { postgres: server.url };
    // Adding jobs to PostgreSQL one by one takes longest.
    const many = kind === 'redis' ? 3_000 : 600;
    const turns = quick ? { rounds: 2, count: 300 } : { rounds: 5, count: many };
    const options = { backend, bytes: SMALL.bytes, concurrency: 32, ...turns };
    const { handled, bare } = await runTask('workers', options);
    await server.flush();
    log(`workers: ${kind}`);
    results.push({
      kind,
      handled: summary(handled),
      bare: summary(bare),
      ratio: ratio(handled, bare),
    });
  }
  return results;
}

/** One to four instances on one Redis, with the load spread over them evenly. */
export async function instanceGrowth({ quick, log, backing }) {
  const redis = await backing.get('redis');
  if (!redis) return undefined;
  const load = await startLoad();
  const perInstance = quick ? 250 : 2_000;
  const sizes = quick ? [1, 2] : [1, 2, 3, 4];
  const servers = [];
  while (servers.length < sizes.length) {
    const server = new BenchServer(row('redis'), { backing: redis, role: 'servers' });
    servers.push(await server.start(load));
    await measureFleet([server], load, WARM_UP);
  }
  const fleets = sizes.map(instances => servers.slice(0, instances));
  const samples = new Map(fleets.map(fleet => [fleet, []]));
  for (let repetition = 0; repetition < (quick ? 3 : 9); repetition += 1) {
    for (const fleet of rotate(fleets, repetition)) {
      samples.get(fleet).push(await measureFleet(fleet, load, perInstance * fleet.length));
    }
  }
  for (const server of servers) await server.stop();
  await load.stop();
  log('growth: instances');
  return [...samples].map(([fleet, list]) => ({
    instances: fleet.length,
    perSecond: summary(list.map(({ perSecond }) => perSecond)),
    cpuMicros: summary(list.map(({ cpuPerRequest }) => cpuPerRequest * 1e6)),
    redisCpuMicros: summary(list.map(({ redisCpuPerRequest }) => redisCpuPerRequest * 1e6)),
  }));
}

/** As one server is measured, with the CPU of all of them. */
async function measureFleet([first, ...others], load, count) {
  const ports = [first, ...others].map(({ port }) => port);
  const used = async () => {
    const all = await Promise.all(others.map(server => server.ask('usage')));
    return all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  };
  const before = await used();
  const sample = await first.measure(load, { ...SMALL, ports, connections: 48, count });
  const cpuOfOthers = ((await used()) - before) / sample.requests;
  return { ...sample, cpuPerRequest: sample.cpuPerRequest + cpuOfOthers };
}
