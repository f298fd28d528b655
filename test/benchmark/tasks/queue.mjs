// Events that the library acknowledges as queued, against BullMQ's `queue.add` of the same jobs, in one
// process; nothing works the jobs off.
import { performance } from 'node:perf_hooks';
import { Redis } from 'ioredis';
import { QUEUE, bareQueue, createApp, deliveries, inParallel } from '../support/queue-app.mjs';
import { serveTask, usedMicros } from '../support/task.mjs';

/** A function that adds a job as the library does for a delivery: taken from one that it has added. */
async function createAdd(service, backend) {
  const [{ body, headers }] = deliveries(1, 800);
  await service.receive(body, headers);
  const [{ name, data, opts, id }] = await bareQueue(backend, QUEUE).getJobs(['waiting']);
  const { attempts, backoff } = opts;
  const bare = bareQueue(backend, 'bare');
  return ({ jobId, ...own }) =>
    bare.add(name, { ...data, ...own }, { attempts, backoff, jobId: jobId.padEnd(id.length, '_') });
}

async function measure(inputs, underWay, work) {
  const [usedBefore, startedAt] = [usedMicros(), performance.now()];
  await inParallel(inputs, underWay, work);
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    perSecond: inputs.length / seconds,
    cpuMicros: (usedMicros() - usedBefore) / inputs.length,
  };
}

serveTask(async ({ url, bytes, rounds, count, underWay }) => {
  const backend = { connection: { url } };
  const { service } = await createApp({ ...backend, role: 'receive' });
  const add = await createAdd(service, backend);
  const redis = new Redis(url);

  const candidates = {
    acknowledged: () => [
      deliveries(count, bytes),
      async ({ body, headers }) => {
        const { status } = await service.receive(body, headers);
        if (status !== 'queued') throw new Error(`A delivery was ${status}`);
      },
    ],
    bare: () => [
      deliveries(count, bytes).map(({ id, body }) => ({
        jobId: id,
        id,
        body: body.toString('base64'),
      })),
      add,
    ],
  };
  const samples = { acknowledged: [], bare: [] };
  // The first two rounds warm up.
  for (let round = -2; round < rounds; round += 1) {
    const order = Object.keys(candidates);
    for (const name of round % 2 === 0 ? order : order.reverse()) {
      await redis.flushall('SYNC');
      const [inputs, work] = candidates[name]();
      const sample = await measure(inputs, underWay, work);
      if (round >= 0) samples[name].push(sample);
    }
  }
  return samples;
});
