import type { Server } from 'node:http';
import { Injectable, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import axios from 'axios';
import { Delivery, OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { callEnded, signDelivery } from 'nestjs-revrag-webhook/testing';
import supertest from 'supertest';
import { request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SECRET, appModule } from '../../support/app.js';

const PATH = '/webhooks/revrag';

@Injectable()
class Calls {
  readonly bodies: Buffer[] = [];

  @OnCallEnded()
  save(_call: unknown, delivery: Delivery) {
    this.bodies.push(delivery.rawBody);
  }
}

const root = () =>
  appModule({ imports: [RevragWebhookModule.forRoot(SECRET)], providers: [Calls] });

let app: INestApplication;

beforeEach(async () => {
  app = await NestFactory.create(root(), { logger: false });
  await app.listen(0, '127.0.0.1');
});

afterEach(() => app.close());

type Signed = ReturnType<typeof signDelivery>;

const url = async () => (await app.getUrl()) + PATH;

/** The code that anyone would write, for each client that Nest's users have. */
const CLIENTS: Readonly<Record<string, (signed: Signed) => Promise<number>>> = {
  supertest: async ({ body, headers }) =>
    (
      await supertest(app.getHttpServer() as Server)
        .post(PATH)
        .set(headers)
        .send(body)
    ).status,
  'supertest, body first': async ({ body, headers }) =>
    (
      await supertest(app.getHttpServer() as Server)
        .post(PATH)
        .send(body)
        .set(headers)
    ).status,
  fetch: async ({ body, headers }) =>
    (await fetch(await url(), { method: 'POST', body, headers })).status,
  undici: async ({ body, headers }) =>
    (await request(await url(), { method: 'POST', body, headers })).statusCode,
  axios: async ({ body, headers }) =>
    (await axios.post(await url(), body, { headers, validateStatus: () => true })).status,
};

const TEXTS = {
  'a fresh call': () => signDelivery({ secret: SECRET }),
  'a value': () => signDelivery({ secret: SECRET, body: callEnded({ summary: 'é 😀 \u2028' }) }),
  'text with spaces in it': () =>
    signDelivery({ secret: SECRET, body: JSON.stringify(callEnded(), null, 2) }),
};

describe.each(Object.entries(CLIENTS))('%s', (_name, send) => {
  it.each(Object.entries(TEXTS))('sends %s as it was signed', async (_what, sign) => {
    const signed = sign();
    expect(await send(signed)).toBe(200);
    expect(app.get(Calls).bodies.map(String)).toEqual([signed.body]);
  });
});

describe('a body given as a Buffer', () => {
  const bytes = Buffer.from(`\ufeff${JSON.stringify(callEnded())}\r\n`);
  const signed = () => signDelivery({ secret: SECRET, body: bytes });

  it.each(['fetch', 'undici', 'axios'])('is sent by %s byte for byte', async name => {
    expect(await CLIENTS[name]!(signed() as unknown as Signed)).toBe(200);
    expect(app.get(Calls).bodies).toEqual([bytes]);
  });

  it('is sent by supertest where that is kept from serialising it', async () => {
    const { body, headers } = signed();
    const test = supertest(app.getHttpServer() as Server)
      .post(PATH)
      .set(headers);
    expect((await test.serialize(String).send(body)).status).toBe(200);
    expect(app.get(Calls).bodies).toEqual([bytes]);
  });
});

describe('inject() of Fastify', () => {
  it.each(Object.entries(TEXTS))('takes %s', async (_what, sign) => {
    const fastify = await NestFactory.create<NestFastifyApplication>(root(), new FastifyAdapter(), {
      logger: false,
    });
    await fastify.init();
    const { body, headers } = sign();
    const reply = await fastify.inject({ method: 'POST', url: PATH, headers, payload: body });
    expect(reply.statusCode).toBe(200);
    expect(fastify.get(Calls).bodies.map(String)).toEqual([body]);
    await fastify.close();
  });
});
