import { row } from '../rows.mjs';
import { BenchServer } from '../support/bench-server.mjs';
import { startLoad } from '../support/load-generator.mjs';
import { rotate, summary } from '../support/stats.mjs';

const SMALL = { bytes: 800, language: 'english', connections: 8, maxSeconds: 10 };
const LARGE = { bytes: 5_000_000, language: 'english', connections: 1, maxSeconds: 10 };

/** How long small deliveries take while none, and while one after the other, of 5 MB arrives. */
export async function latency({ quick, log }) {
  const [small, large] = [await startLoad(), await startLoad()];
  const servers = [];
  for (const id of ['plain', 'ours']) servers.push(await new BenchServer(row(id)).start(small));
  const samples = new Map(servers.map(server => [server, { alone: [], beside: [] }]));
  const count = quick ? 300 : 3_000;
  for (let repetition = -1; repetition < (quick ? 2 : 7); repetition += 1) {
    for (const server of rotate(servers, repetition + 1)) {
      const alone = await server.measure(small, { ...SMALL, count });
      // Enough large ones to outlast the small ones.
      const others = server.measure(large, { ...LARGE, count: quick ? 10 : 40 });
      const beside = await server.measure(small, { ...SMALL, count });
      await others;
      if (repetition < 0) continue;
      samples.get(server).alone.push(alone.p99);
      samples.get(server).beside.push(beside.p99);
    }
  }
  for (const server of servers) await server.stop();
  await small.stop();
  await large.stop();
  log('latency');
  return servers.map(server => ({
    label: server.row.label,
    alone: summary(samples.get(server).alone),
    beside: summary(samples.get(server).beside),
  }));
}
