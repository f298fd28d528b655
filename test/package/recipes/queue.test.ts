import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, Transport, type ClientProxy } from '@nestjs/microservices';
import { OnCallEnded, RevragWebhookModule, type CallEndedDto } from 'nestjs-revrag-webhook';
import { lastValueFrom } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../../support/app.js';
import { deliver, genuine } from '../../support/send.js';
import { DeliveriesController, type QueuedDelivery } from './deliveries.controller.js';
import { FrontDoorController } from './front-door.controller.js';

const ending: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** A worker without HTTP, and a client of it; messages go over TCP. */
async function startWorker(handle: (call: CallEndedDto) => void): Promise<ClientProxy> {
  class Calls {
    @OnCallEnded()
    save(call: CallEndedDto) {
      handle(call);
    }
  }
  @Module({
    imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false })],
    controllers: [DeliveriesController],
    providers: [Calls],
  })
  class WorkerModule {}
  const address = { host: '127.0.0.1', port: await freePort() };
  const worker = await NestFactory.createMicroservice(WorkerModule, {
    transport: Transport.TCP,
    options: address,
    logger: false,
    abortOnError: false,
  });
  await worker.listen();
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: address });
  ending.push(() => {
    client.close();
    return worker.close();
  });
  return client;
}

describe('deliveries through a queue', () => {
  it('are verified at the front door, and handled by the worker', async () => {
    const handled: string[] = [];
    const client = await startWorker(call => handled.push(call.call_id));
    const { url } = await startApp({
      imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false })],
      controllers: [FrontDoorController],
      providers: [{ provide: 'QUEUE', useValue: client }],
    });
    expect(await deliver(url)).toMatchObject({ status: 202 });
    expect(handled).toHaveLength(1);
    expect(await deliver(url, { secret: 'whsec_of_somebody_else' })).toMatchObject({ status: 401 });
    expect(handled).toHaveLength(1);
  });

  it('may wait longer than the tolerance, by when they came in', async () => {
    const client = await startWorker(() => undefined);
    const send = (message: QueuedDelivery) =>
      lastValueFrom(client.send<object>('revrag.delivery', message));
    const anHourAgo = new Date(Date.now() - 3_600_000);
    const { body, headers } = genuine({ id: 'evt_1', timestamp: anHourAgo });
    const message = { headers, body: body.toString('base64') };
    expect(await send({ ...message, receivedAt: new Date().toISOString() })).toMatchObject({
      code: 'timestamp_out_of_tolerance',
    });
    expect(await send({ ...message, receivedAt: 'no date' })).toMatchObject({
      code: 'timestamp_out_of_tolerance',
    });
    const receivedAt = anHourAgo.toISOString();
    expect(await send({ ...message, receivedAt })).toEqual({ status: 'processed', id: 'evt_1' });
    expect(await send({ ...message, receivedAt })).toEqual({ status: 'duplicate', id: 'evt_1' });
  });

  it('come again where a handler failed', async () => {
    let fails = true;
    const client = await startWorker(() => {
      if (fails) throw new Error('not yet');
    });
    const { body, headers } = genuine({ id: 'evt_1' });
    const receivedAt = new Date().toISOString();
    const message = { headers, body: body.toString('base64'), receivedAt };
    const send = () => lastValueFrom(client.send<object>('revrag.delivery', message));
    await expect(send()).rejects.toMatchObject({ code: 'handler_failed' });
    fails = false;
    expect(await send()).toEqual({ status: 'processed', id: 'evt_1' });
  });
});
