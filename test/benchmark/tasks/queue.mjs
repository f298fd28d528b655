// Events that the library acknowledges as queued, against BullMQ's `queue.add` of the same jobs, in one
// process; nothing works the jobs off.
import 'reflect-metadata';
import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { OnCallEnded, RevragWebhookModule, getRevragWebhookToken } from 'nestjs-revrag-webhook';
import { RevragBullModule } from 'nestjs-revrag-webhook/bullmq';
import { decorateMethod, injectable } from '../support/decorate.mjs';
import { eventTemplate } from '../support/events.mjs';
import { schemes, SECRET } from '../support/schemes.mjs';
import { serveTask, usedMicros } from '../support/task.mjs';

const QUEUE = 'acknowledged';

class Calls {
  save() {}
}
decorateMethod(Calls, 'save', [OnCallEnded()]);
injectable(Calls);

async function createService(connection) {
  class AppModule {}
  Module({
    imports: [
      RevragWebhookModule.forRoot({ secret: SECRET, path: false }),
      RevragBullModule.forRoot({ connection, role: 'receive', queueName: QUEUE }),
    ],
    providers: [Calls],
  })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return app.get(getRevragWebhookToken());
}

let made = 0;

/** Deliveries that differ, signed. */
function deliveries(count, bytes) {
  const { prefix, suffix } = eventTemplate(bytes, 'english');
  const seconds = Math.floor(Date.now() / 1000);
  return Array.from({ length: count }, () => {
    made += 1;
    const body = Buffer.concat([prefix, suffix(made)]);
    const id = `evt_queue_${made}`;
    return { id, body, headers: schemes.revrag.headers(id, seconds, [body]) };
  });
}

/** A function that adds a job as the library does for a delivery: taken from one that it has added. */
async function createAdd(service, queue) {
  const [{ body, headers }] = deliveries(1, 800);
  await service.receive(body, headers);
  const [{ name, data, opts, id }] = await queue.getJobs(['waiting']);
  const { attempts, backoff } = opts;
  const bare = new Queue('bare', queue.opts);
  return ({ jobId, ...own }) =>
    bare.add(name, { ...data, ...own }, { attempts, backoff, jobId: jobId.padEnd(id.length, '_') });
}

/** Calls `work` for each of the inputs, so many at once. */
async function run(inputs, underWay, work) {
  const [usedBefore, startedAt] = [usedMicros(), performance.now()];
  let next = 0;
  const worker = async () => {
    while (next < inputs.length) {
      const input = inputs[next];
      next += 1;
      await work(input);
    }
  };
  await Promise.all(Array.from({ length: underWay }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    perSecond: inputs.length / seconds,
    cpuMicros: (usedMicros() - usedBefore) / inputs.length,
  };
}

serveTask(async ({ url, bytes, rounds, count, underWay }) => {
  const connection = { url };
  const service = await createService(connection);
  const queue = new Queue(QUEUE, { connection });
  const add = await createAdd(service, queue);
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
      const sample = await run(inputs, underWay, work);
      if (round >= 0) samples[name].push(sample);
    }
  }
  return samples;
});
