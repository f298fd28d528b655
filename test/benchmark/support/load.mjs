// The load generator, a process of its own: told by its parent what to send, it makes and signs all
// requests before the clock starts, sends them over keep-alive connections, and reports.
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { eventTemplate } from './events.mjs';
import { Connection } from './http-client.mjs';
import { schemes, spoilers, STALE_SECONDS } from './schemes.mjs';

/** Below this, a request is one buffer; above, the bytes that all have in common are kept once. */
const ONE_BUFFER = 8_192;

let sent = 0;

/** Makes and signs `count` requests that differ in body, id and signature. */
function prepare({ port, path, scheme, kind, bytes, language, count, headOnly }) {
  const { envelope, headers } = schemes[scheme];
  const { prefix, suffix } = eventTemplate(bytes, language, envelope);
  const now = Math.floor(Date.now() / 1000);
  const seconds = kind === 'stale' ? now - STALE_SECONDS : now;
  const spoil = spoilers[kind] ?? spoilers.genuine;
  return Array.from({ length: count }, () => {
    sent += 1;
    const end = suffix(process.pid * 1_000_000 + sent);
    const signed = spoil(headers(`evt_${process.pid}_${sent}`, seconds, [prefix, end]));
    const lines = [
      `POST ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      'Content-Type: application/json',
      `Content-Length: ${prefix.length + end.length}`,
      ...Object.entries(signed).flatMap(([name, value]) => (value ? [`${name}: ${value}`] : [])),
    ];
    const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    if (headOnly) return [head];
    const parts = [head, prefix, end];
    return prefix.length < ONE_BUFFER ? [Buffer.concat(parts)] : parts;
  });
}

/** Keeps the event loop turning until the answer is called. */
function stayAwake() {
  let isDone = false;
  const turn = () => {
    if (!isDone) setImmediate(turn);
  };
  turn();
  return () => (isDone = true);
}

/**
 * Sends all requests, or as many as the time allows.
 *
 * `awake`: does not sleep while it waits for answers. A server that writes to a process that sleeps pays for
 * waking it, which on a virtual machine costs as much as an HMAC, and the slower it is the more often it pays.
 */
async function run(requests, { port, ports = [port], connections, maxSeconds, headOnly, awake }) {
  const latencies = [];
  const statuses = {};
  let next = 0;
  const startedAt = performance.now();
  const deadline = startedAt + maxSeconds * 1000;
  const usedBefore = process.cpuUsage();
  const worker = async connection => {
    while (next < requests.length && performance.now() < deadline) {
      const request = requests[next];
      next += 1;
      const sentAt = performance.now();
      const status = await connection.send(request).catch(error => error.code ?? error.message);
      latencies.push(performance.now() - sentAt);
      if (headOnly) connection.close();
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  const all = Array.from(
    { length: connections },
    (_, index) => new Connection(ports[index % ports.length]),
  );
  const sleep = awake ? stayAwake() : undefined;
  await Promise.all(all.map(worker));
  sleep?.();
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(usedBefore);
  for (const connection of all) connection.close();
  latencies.sort((a, b) => a - b);
  const percentile = p =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * p))];
  return {
    requests: latencies.length,
    seconds,
    statuses,
    loadCpuSeconds: (user + system) / 1e6,
    p50: percentile(0.5),
    p99: percentile(0.99),
  };
}

let prepared;
const answers = {
  prepare(job) {
    prepared = { requests: prepare(job), job };
    return { count: job.count };
  },
  async run() {
    const { requests, job } = prepared;
    prepared = undefined;
    return run(requests, job);
  },
};

process.on('message', async ({ id, ask, with: argument }) => {
  try {
    process.send({ id, answer: await answers[ask](argument) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
process.on('disconnect', () => process.exit());
process.send({ ready: true });
