import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable, VersioningType, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { CallEndedDto, Delivery, OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { callEnded, deliver } from 'nestjs-revrag-webhook/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { SECRET, appModule } from '../../support/app.js';
import { TLS_CERTIFICATE, TLS_KEY } from '../../support/tls.js';

@Injectable()
class Calls {
  readonly received: { call: CallEndedDto; delivery: Delivery }[] = [];

  @OnCallEnded()
  save(call: CallEndedDto, delivery: Delivery) {
    this.received.push({ call, delivery });
  }
}

const apps: INestApplication[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

async function create(
  module: Parameters<typeof appModule>[0] = { imports: [RevragWebhookModule.forRoot(SECRET)] },
): Promise<INestApplication> {
  const root = appModule({ ...module, providers: [Calls] });
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  apps.push(app);
  return app;
}

const processed = { status: 200, body: { status: 'processed' } };

describe('deliver', () => {
  it('delivers to an app that does not listen, in one line', async () => {
    const app = await create();
    const reply = await deliver(app, {
      secret: SECRET,
      body: callEnded({ duration: 12 }),
      id: 'evt_1',
    });
    expect(reply).toMatchObject({ status: 200, body: { status: 'processed', id: 'evt_1' } });
    expect(app.get(Calls).received[0]!.call).toMatchObject({ duration: 12 });
    expect((app.getHttpServer() as Server).address()).toMatchObject({ address: '127.0.0.1' });
  });

  it('delivers over TLS to an app that has a certificate', async () => {
    const root = appModule({ imports: [RevragWebhookModule.forRoot(SECRET)], providers: [Calls] });
    const httpsOptions = { key: TLS_KEY, cert: TLS_CERTIFICATE };
    for (const adapter of [
      new ExpressAdapter(),
      new FastifyAdapter({ https: httpsOptions } as object),
    ]) {
      const options = { logger: false, abortOnError: false, httpsOptions } as const;
      const app = await NestFactory.create(root, adapter, options);
      apps.push(app);
      expect(await deliver(app, { secret: SECRET })).toMatchObject(processed);
    }
  });

  it('gives each delivery another call, and the same body as a duplicate', async () => {
    const app = await create();
    expect(await deliver(app, { secret: SECRET })).toMatchObject(processed);
    expect(await deliver(app, { secret: SECRET })).toMatchObject(processed);
    const body = callEnded();
    expect(await deliver(app, { secret: SECRET, body })).toMatchObject(processed);
    expect(await deliver(app, { secret: SECRET, body })).toMatchObject({
      body: { status: 'duplicate' },
    });
  });

  it('delivers to one that was initialised, and to one that listens', async () => {
    const initialised = await create();
    await initialised.init();
    expect(await deliver(initialised, { secret: SECRET })).toMatchObject(processed);
    const listening = await create();
    await listening.listen(0);
    expect(await deliver(listening, { secret: SECRET })).toMatchObject(processed);
  });

  it('delivers to a testing module’s app', async () => {
    const module = await Test.createTestingModule({
      imports: [RevragWebhookModule.forRoot(SECRET)],
      providers: [Calls],
    }).compile();
    const app = module.createNestApplication({ logger: false });
    apps.push(app);
    expect(await deliver(app, { secret: SECRET })).toMatchObject(processed);
  });

  // Other systems have but one address of their own.
  it.runIf(process.platform === 'linux')('delivers to the address it listens on', async () => {
    const app = await create();
    await app.listen(0, '127.0.0.2');
    expect(await deliver(app, { secret: SECRET })).toMatchObject(processed);
  });

  it('delivers over a Unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'revrag-'));
    const app = await create();
    await app.listen(join(folder, 'socket'));
    expect(await deliver(app, { secret: SECRET })).toMatchObject(processed);
    await app.close();
    rmSync(folder, { recursive: true });
  });

  it('starts the app once for deliveries started together', async () => {
    const app = await create();
    const bodies = Array.from({ length: 20 }, () => callEnded({ call_id: randomUUID() }));
    const replies = await Promise.all(bodies.map(body => deliver(app, { secret: SECRET, body })));
    expect(replies.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
    expect(app.get(Calls).received).toHaveLength(20);
  });

  it('leaves nothing open that would hold up closing', async () => {
    const app = await create();
    await deliver(app, { secret: SECRET });
    const connections = await new Promise((resolve, reject) =>
      (app.getHttpServer() as Server).getConnections((error, count) =>
        error ? reject(error) : resolve(count),
      ),
    );
    expect(connections).toBeLessThanOrEqual(1);
    await app.close();
    await expect(deliver(app, { secret: SECRET })).rejects.toThrow(
      'The app no longer listens: was it closed?',
    );
  });

  it('fails where the app hangs up', async () => {
    const app = await create();
    app.use((request: IncomingMessage) => request.socket.destroy());
    const path = '/other';
    await expect(deliver(app, { secret: SECRET, path })).rejects.toThrow('socket hang up');
  });

  it('finds the path: with a global prefix, versions, and a name', async () => {
    const app = await create({
      imports: [
        RevragWebhookModule.forRoot(SECRET),
        RevragWebhookModule.forRoot({ secret: 'other secret', name: 'sales', path: 'hooks/sales' }),
      ],
    });
    app.setGlobalPrefix('api/v2');
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    expect(await deliver(app, { secret: SECRET })).toMatchObject(processed);
    const sales = { secret: 'other secret', endpoint: 'sales' };
    expect(await deliver(app, sales)).toMatchObject(processed);
    expect(app.get(Calls).received.map(({ delivery }) => delivery.endpoint)).toEqual([
      'default',
      'sales',
    ]);
    await expect(deliver(app, { secret: SECRET, endpoint: 'nobody' })).rejects.toThrow(
      'There is no RevRag webhook endpoint "nobody"',
    );
  });

  it('finds the path on Fastify as well', async () => {
    const root = appModule({ imports: [RevragWebhookModule.forRoot(SECRET)], providers: [Calls] });
    const adapter = new FastifyAdapter();
    const app = await NestFactory.create(root, adapter, { logger: false });
    apps.push(app);
    app.setGlobalPrefix('api/v2');
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    expect(await deliver(app, { secret: SECRET })).toMatchObject(processed);
  });

  it('asks for the path where that has parameters', async () => {
    const app = await create();
    app.setGlobalPrefix('tenants/:tenant');
    await expect(deliver(app, { secret: SECRET })).rejects.toThrow('give deliver() the path');
    const path = 'tenants/7/webhooks/revrag';
    expect(await deliver(app, { secret: SECRET, path })).toMatchObject(processed);
  });

  it('shows what a sender gets for what is refused', async () => {
    const app = await create();
    expect(await deliver(app, { secret: 'wrong' })).toMatchObject({
      status: 401,
      body: { code: 'signature_mismatch' },
    });
    expect(await deliver(app, { secret: SECRET, body: { call_id: 7 } })).toMatchObject({
      status: 400,
      body: { code: 'invalid_payload', violations: expect.any(Array) as unknown[] },
    });
    const old = { secret: SECRET, timestamp: new Date(Date.now() - 3_600_000) };
    expect(await deliver(app, old)).toMatchObject({ body: { code: 'timestamp_out_of_tolerance' } });
    const encoded = { secret: SECRET, headers: { 'content-encoding': 'gzip' } };
    expect(await deliver(app, encoded)).toMatchObject({ status: 415 });
    const elsewhere = await deliver(app, { secret: SECRET, path: '/nothing' });
    expect(elsewhere.status).toBe(404);
  });

  it.each([
    ['text', 'no such agent'],
    ['JSON that is no object', '"no such agent"'],
    ['null', 'null'],
    ['nothing', ''],
  ])('shows %s of whatever answers in the place of the endpoint', async (_name, text) => {
    const app = await create({
      imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false })],
    });
    const seen: unknown[] = [];
    app.use((request: IncomingMessage, response: ServerResponse) => {
      seen.push([request.url, request.headers['x-agent'], request.headers['x-webhook-id']]);
      response.writeHead(404, { 'x-own': 'yes' }).end(text);
    });
    const headers = { 'x-agent': 'loans', 'x-webhook-id': 'own' };
    const reply = await deliver(app, { secret: SECRET, headers });
    expect(reply).toMatchObject({ status: 404, headers: { 'x-own': 'yes' } });
    expect(reply.body).toEqual({ text });
    expect(seen).toEqual([['/webhooks/revrag', 'loans', 'own']]);
  });

  it('sends bytes as they are', async () => {
    const app = await create();
    const body = Buffer.from('\ufeff {"call_status":"ENDED","call_id":"c","agent_id":"é"}\r\n');
    expect(await deliver(app, { secret: SECRET, body })).toMatchObject(processed);
    expect(app.get(Calls).received[0]!.delivery.rawBody).toEqual(body);
  });
});
