// Jobs that the library's worker handles, from the queue to the handler and its record, against a bare BullMQ
// worker that parses the same payload. One process, one backend.
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { bareQueue, bareWorker, createApp, deliveries, inParallel } from '../support/queue-app.mjs';
import { serveTask } from '../support/task.mjs';

/** Resolves once `count` jobs are handled, to how many a second: from the first one on, so without the boot. */
function createMeter(count) {
  let [handled, startedAt] = [0, 0];
  let finish;
  const perSecond = new Promise(resolve => (finish = resolve));
  const tick = () => {
    if (handled === 0) startedAt = performance.now();
    handled += 1;
    if (handled === count) finish((count - 1) / ((performance.now() - startedAt) / 1000));
  };
  return { tick, perSecond };
}

serveTask(async ({ backend, bytes, rounds, count, concurrency }) => {
  const { service } = await createApp({ ...backend, role: 'receive' });
  const receive = async ({ body, headers }) => {
    const { status } = await service.receive(body, headers);
    if (status !== 'queued') throw new Error(`A delivery was ${status}`);
  };

  const candidates = {
    handled: async () => {
      await inParallel(deliveries(count, bytes), 32, receive);
      const { tick, perSecond } = createMeter(count);
      const { app } = await createApp({ ...backend, role: 'work', worker: { concurrency } }, tick);
      const result = await perSecond;
      await app.close();
      return result;
    },
    bare: async () => {
      const queue = bareQueue(backend, 'bare');
      const add = ({ id, body }) =>
        queue.add('call.ended', { body: body.toString('base64') }, { jobId: id, attempts: 10 });
      await inParallel(deliveries(count, bytes), 32, add);
      const { tick, perSecond } = createMeter(count);
      const parse = ({ data }) => {
        JSON.parse(Buffer.from(data.body, 'base64').toString());
        tick();
        return Promise.resolve();
      };
      const keep = { age: 259_200, count: 100_000 };
      const worker = bareWorker(backend, 'bare', parse, { concurrency, removeOnComplete: keep });
      const result = await perSecond;
      await worker.close();
      await queue.close();
      return result;
    },
  };
  const samples = { handled: [], bare: [] };
  // The first round warms up.
  for (let round = -1; round < rounds; round += 1) {
    const order = Object.keys(candidates);
    for (const name of round % 2 === 0 ? order : order.reverse()) {
      const perSecond = await candidates[name]();
      if (round >= 0) samples[name].push(perSecond);
    }
  }
  return samples;
});
