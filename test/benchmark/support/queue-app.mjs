// What the tasks about the queue have in common. A backend is `{ connection }` for Redis or `{ postgres }`.
import 'reflect-metadata';
import { Buffer } from 'node:buffer';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Queue, Worker, createPostgresBackend } from 'bullmq';
import { OnCallEnded, RevragWebhookModule, getRevragWebhookToken } from 'nestjs-revrag-webhook';
import { RevragBullModule } from 'nestjs-revrag-webhook/bullmq';
import { decorateMethod, injectable } from './decorate.mjs';
import { eventTemplate } from './events.mjs';
import { schemes, SECRET } from './schemes.mjs';

export const QUEUE = 'acknowledged';

/** An app with one handler, which calls `save`. */
export async function createApp(options, save = () => undefined) {
  class Calls {
    save() {
      save();
    }
  }
  decorateMethod(Calls, 'save', [OnCallEnded()]);
  injectable(Calls);
  class AppModule {}
  Module({
    imports: [
      RevragWebhookModule.forRoot({ secret: SECRET, path: false }),
      RevragBullModule.forRoot({ queueName: QUEUE, ...options }),
    ],
    providers: [Calls],
  })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return { app, service: app.get(getRevragWebhookToken()) };
}

const argumentsOf = ({ connection, postgres }) =>
  postgres ? [{ connection: postgres }, createPostgresBackend] : [{ connection }];

export function bareQueue(backend, name) {
  const [options, factory] = argumentsOf(backend);
  return new Queue(name, options, factory);
}

export function bareWorker(backend, name, process, more) {
  const [options, factory] = argumentsOf(backend);
  return new Worker(name, process, { ...options, ...more }, factory);
}

let made = 0;

/** Deliveries that differ, signed. */
export function deliveries(count, bytes) {
  const { prefix, suffix } = eventTemplate(bytes, 'english');
  const seconds = Math.floor(Date.now() / 1000);
  return Array.from({ length: count }, () => {
    made += 1;
    const body = Buffer.concat([prefix, suffix(made)]);
    const id = `evt_queue_${made}`;
    return { id, body, headers: schemes.revrag.headers(id, seconds, [body]) };
  });
}

/** Calls `work` for each of the inputs, so many at once. */
export async function inParallel(inputs, underWay, work) {
  let next = 0;
  const worker = async () => {
    while (next < inputs.length) {
      const input = inputs[next];
      next += 1;
      await work(input);
    }
  };
  await Promise.all(Array.from({ length: underWay }, worker));
}
