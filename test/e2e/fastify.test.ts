import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import {
  Body,
  Controller,
  Injectable,
  Module,
  Post,
  Req,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, RouteConfig, type NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  CallEndedDto,
  OnCallEnded,
  RevragDelivery,
  RevragEndpoint,
  RevragWebhookModule,
  VerifiedDelivery,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { SECRET, listen, platform } from '../support/app.js';
import { PATH, deliver, genuine, post } from '../support/send.js';

@Injectable()
class Calls {
  readonly ids: string[] = [];

  @OnCallEnded()
  save(call: CallEndedDto) {
    this.ids.push(call.call_id);
  }
}

@Module({ imports: [RevragWebhookModule.forRoot(SECRET)], providers: [Calls] })
class AppModule {}

const create = (adapter = new FastifyAdapter(), module: object = AppModule) =>
  NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: false,
    abortOnError: false,
  });

const PROCESSED = { status: 200, body: { status: 'processed' } };

describe.runIf(platform === 'fastify')('on Fastify', () => {
  it('app.inject() delivers', async () => {
    const app = await create();
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const { body, headers } = genuine({ id: 'evt_1' });
    const request = { method: 'POST', url: PATH, headers } as const;
    const reply = await app.inject({ ...request, payload: body });
    expect(reply.statusCode).toBe(200);
    expect(reply.json()).toEqual({ status: 'processed', id: 'evt_1' });
    const forged = await app.inject({ ...request, payload: 'forged' });
    expect(forged.statusCode).toBe(401);
    const unsigned = await app.inject({ ...request, headers: {}, payload: body });
    expect(unsigned.json()).toMatchObject({ statusCode: 401, code: 'missing_header' });
    expect(app.get(Calls).ids).toHaveLength(1);
    await app.close();
  });

  it('code that hooks into responses and throws ends its request, and no other', async () => {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const app = await create(new FastifyAdapter({ logger: { level: 'error', stream } }));
    const { url } = await listen(app);
    let throws = true;
    app.getHttpServer().prependListener('request', (_request, response: ServerResponse) => {
      const writeHead = response.writeHead.bind(response) as () => ServerResponse;
      if (!throws) return;
      response.writeHead = () => {
        response.writeHead = writeHead;
        throw new Error('no cookie can be set');
      };
    });
    const delivery = genuine();
    for (const one of [
      genuine({ secret: 'forged' }),
      genuine({ timestamp: new Date(0) }),
      delivery,
    ]) {
      await expect(post(url + PATH, one)).rejects.toThrow();
    }
    expect(lines.filter(line => line.includes('no cookie can be set'))).toHaveLength(3);
    throws = false;
    const reply = await post(url + PATH, delivery);
    expect(reply).toMatchObject({ status: 200, body: { status: 'duplicate' } });
  });

  it('hooks see each request as it came, and each answer once', async () => {
    const app = await create();
    const fastify = app.getHttpAdapter().getInstance();
    const seen: string[] = [];
    fastify.addHook('onRequest', (request, _reply, done) => {
      seen.push(`onRequest ${request.headers['content-type']}`);
      Object.assign(request, { headers: { 'x-added': 'by a hook' } });
      done();
    });
    fastify.addHook('preParsing', (request, _reply, payload, done) => {
      seen.push(`preParsing ${request.headers['content-type']}`);
      done(null, payload);
    });
    fastify.addHook('preValidation', (request, _reply, done) => {
      seen.push(`preValidation ${request.headers['content-type']}`);
      done();
    });
    fastify.addHook('preHandler', (request, _reply, done) => {
      const { headers } = request;
      seen.push(`preHandler ${headers['content-length']}, ${headers['x-added']?.toString()}`);
      done();
    });
    fastify.addHook('onSend', async (_request, reply, payload) => {
      await new Promise(resolve => setTimeout(resolve, 20));
      seen.push(`onSend ${reply.statusCode}`);
      void reply.header('x-sent', 'yes');
      return payload;
    });
    fastify.addHook('onResponse', (_request, reply, done) => {
      seen.push(`onResponse ${reply.statusCode}`);
      done();
    });
    const { url } = await listen(app);
    const delivery = genuine();
    const reply = await post(url + PATH, delivery);
    expect(reply).toMatchObject(PROCESSED);
    expect(reply.headers.get('x-sent')).toBe('yes');
    await expect.poll(() => seen.at(-1)).toBe('onResponse 200');
    expect(seen.splice(0)).toEqual([
      'onRequest application/json',
      'preParsing application/json',
      'preValidation application/json',
      `preHandler ${delivery.body.length}, by a hook`,
      'onSend 200',
      'onResponse 200',
    ]);
    const refused = await post(url + PATH, { body: '{}', headers: {} });
    expect(refused).toMatchObject({ status: 401, body: { code: 'missing_header' } });
    expect(refused.headers.get('x-sent')).toBe('yes');
    await expect.poll(() => seen.at(-1)).toBe('onResponse 401');
    expect(seen).toEqual(['onSend 401', 'onResponse 401']);
  });

  it('a preParsing hook that reads the payload reads the body', async () => {
    const app = await create();
    const read: string[] = [];
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('preParsing', (_request, _reply, payload, done) => {
        const chunks: Buffer[] = [];
        payload
          .on('data', (chunk: Buffer) => chunks.push(chunk))
          .on('end', () => {
            read.push(Buffer.concat(chunks).toString());
            done(null, Readable.from(chunks));
          });
      });
    app
      .getHttpAdapter()
      .getInstance()
      .post('/other', request => ({ got: request.body }));
    const { url } = await listen(app);
    const delivery = genuine();
    expect(await post(url + PATH, delivery)).toMatchObject(PROCESSED);
    const headers = { 'content-type': 'application/json' };
    const other = await post(`${url}/other`, { body: '{"a":1}', headers });
    expect(other.body).toEqual({ got: { a: 1 } });
    expect(read).toEqual([delivery.body.toString(), '{"a":1}']);
  });

  it('a request that no route has is answered by Fastify', async () => {
    const app = await create();
    app.setGlobalPrefix('t/:tenant');
    const { url } = await listen(app);
    expect(await post(`${url}/t/a${PATH}`, genuine())).toMatchObject(PROCESSED);
    expect(await post(`${url}/t/${PATH}`, genuine())).toMatchObject({ status: 404 });
    expect(await post(`${url}/other`, genuine())).toMatchObject({ status: 404 });
    expect(await post(`${url}/%zz`, genuine())).toMatchObject({ status: 400 });
  });

  it('Nest middleware sees the request', async () => {
    const seen: unknown[] = [];
    @Module({ imports: [AppModule] })
    class Root implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        const look = (request: { headers: object }, _response: unknown, next: () => void) => {
          seen.push(request.headers);
          next();
        };
        consumer.apply(look).forRoutes('*path');
      }
    }
    const { url } = await listen(await create(undefined, Root));
    expect(await deliver(url)).toMatchObject(PROCESSED);
    expect(seen).toEqual([expect.objectContaining({ 'content-type': 'application/json' })]);
  });

  it('middleware that reads bodies gets an answer that says so', async () => {
    const app = await create();
    const { json } = await import('express');
    app.use(json());
    const { url } = await listen(app);
    const reply = await deliver(url);
    expect(reply).toMatchObject({ status: 500, body: { code: 'raw_body_missing' } });
  });

  it('a route of one’s own may have a configuration and parameters', async () => {
    @Controller('hooks/:agent')
    class Hooks {
      @Post()
      @RevragEndpoint()
      @RouteConfig({ mine: 1 })
      receive(
        @RevragDelivery() delivery: VerifiedDelivery,
        @Body() body: unknown,
        @Req() request: { routeOptions: { config: object } },
      ) {
        return { id: delivery.id, body, config: request.routeOptions.config };
      }
    }
    @Module({ imports: [AppModule], controllers: [Hooks] })
    class Root {}
    const { url } = await listen(await create(undefined, Root));
    expect(await post(`${url}/hooks/7`, genuine({ id: 'evt_1' }))).toMatchObject({
      status: 201,
      body: { id: 'evt_1', body: {}, config: { mine: 1 } },
    });
  });

  it('parsers, a small bodyLimit and a reply serialiser of the app change nothing', async () => {
    const app = await create(new FastifyAdapter({ bodyLimit: 10 }));
    app.useBodyParser('application/json', { bodyLimit: 5 }, (_request, _body, done) => {
      done(new Error('never to be called'));
    });
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addContentTypeParser('*', (_request, _payload, done) => {
      done(new Error('never to be called'));
    });
    fastify.setReplySerializer(payload => `changed: ${JSON.stringify(payload)}`);
    const { url } = await listen(app);
    expect(await deliver(url)).toMatchObject(PROCESSED);
    const { body, headers } = genuine();
    const delivery = { body, headers: { ...headers, 'content-type': 'text/x-unheard-of' } };
    expect(await post(url + PATH, delivery)).toMatchObject({ body: { status: 'duplicate' } });
  });

  it('an instance of one’s own, with routes of its own, may be given to the adapter', async () => {
    const { default: fastify } = await import('fastify');
    const lines: string[] = [];
    const instance = fastify({
      logger: { stream: { write: line => lines.push(line) } },
      routerOptions: { ignoreTrailingSlash: true, caseSensitive: false },
    });
    instance.post('/before', request => ({ body: request.body }));
    const app = await create(new FastifyAdapter(instance));
    const { url } = await listen(app);
    expect(await post(`${url}${PATH.toUpperCase()}/`, genuine())).toMatchObject(PROCESSED);
    const before = await post(`${url}/before`, {
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(before.body).toEqual({ body: { a: 1 } });
    await expect
      .poll(() => lines.filter(line => line.includes('"statusCode":200')))
      .toHaveLength(2);
  });
});
