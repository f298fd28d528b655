import { mkdtempSync, readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Controller, Injectable, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import {
  OnCallEnded,
  RevragEndpoint,
  RevragWebhookModule,
  type SecretRequest,
  type UnverifiedRequest,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Clock } from '../../lib/core/common/clock.js';
import { InFlight } from '../../lib/core/delivery/in-flight.js';
import { BodyPool } from '../../lib/core/http/body-pool.js';
import { SECRET, appModule, createAdapter, listen, platform, startApp } from '../support/app.js';
import { AppProcess } from '../support/app-process.js';
import { startClockedApp } from '../support/clocked-app.js';
import { deferred, type Deferred } from '../support/deferred.js';
import { eventually } from '../support/eventually.js';
import { RawSocket } from '../support/raw-socket.js';
import { CHUNKED, chunk, headOf, small, whole } from '../support/raw-delivery.js';
import { LogCollector } from '../support/logs.js';
import { openRequest } from '../support/raw-request.js';
import { recorder } from '../support/recorder.js';
import { isMutated } from '../support/mutants.js';
import { PATH, deliver, genuine, post } from '../support/send.js';

const endpoint = (options: object = {}) =>
  RevragWebhookModule.forRoot({ secret: SECRET, ...options });

const inFlight = (app: { get(token: typeof InFlight): InFlight }) => app.get(InFlight);

describe('the memory for a body', () => {
  it.skipIf(isMutated)('depends on its bytes and not on its pieces [pitfall 35]', async () => {
    const { Calls, received } = recorder();
    const { url } = await startApp({ imports: [endpoint()], providers: [Calls] });
    const socket = await RawSocket.open(url);
    const delivery = genuine({ body: callEnded({ summary: 'x'.repeat(300_000) }) });
    socket.write(headOf(delivery, CHUNKED));
    for (const byte of delivery.body.toString('latin1')) socket.write(chunk(byte));
    socket.write('0\r\n\r\n');
    expect(await socket.reply()).toMatchObject({ status: 200 });
    expect(received[0]!.delivery.rawBody.equals(delivery.body)).toBe(true);
    // Of one buffer, and not many times the body.
    expect(received[0]!.delivery.rawBody.buffer.byteLength).toBeLessThan(3 * delivery.body.length);
    socket.destroy();
  });

  it('has a limit for all that are not verified yet', async () => {
    const { Calls } = recorder();
    const pool = new BodyPool(100_000);
    const { app, url } = await startClockedApp(
      { imports: [endpoint()], providers: [Calls] },
      builder => builder.overrideProvider(BodyPool).useValue(pool),
    );
    const open = openRequest(url + PATH, genuine({ id: 'evt_open' }).headers);
    open.write(Buffer.alloc(60_000));
    await eventually(() => pool.used === 60_000);
    const body = callEnded({ summary: 'x'.repeat(60_000) });
    const refused = await deliver(url, { body });
    expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } });
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await deliver(url)).toMatchObject({ status: 200 });
    open.destroy();
    await eventually(() => inFlight(app).size === 0 && pool.used === 0);
    // One alone may be larger than that: bodyLimit bounds it.
    const large = callEnded({ call_id: 'large', summary: 'x'.repeat(200_000) });
    expect(await deliver(url, { body: large })).toMatchObject({ status: 200 });
    expect(pool.used).toBe(0);
  });

  it('goes to deliveries that arrive at once, and not to bodies that do not arrive', async () => {
    const { Calls } = recorder();
    const { app, url, clock } = await startClockedApp(
      { imports: [endpoint()], providers: [Calls] },
      builder =>
        builder
          .overrideProvider(BodyPool)
          .useFactory({ factory: (own: Clock) => new BodyPool(100_000, own), inject: [Clock] }),
    );
    const pool = app.get(BodyPool);
    const delivery = genuine({ timestamp: new Date(clock.now()) });
    const idle = [1, 2, 3].map(() => openRequest(url + PATH, delivery.headers));
    for (const request of idle) request.write(Buffer.alloc(33_300));
    await eventually(() => pool.used === 99_900);
    expect(await post(url + PATH, delivery)).toMatchObject({ status: 503 });
    await clock.pass(2_000);
    expect(await post(url + PATH, delivery)).toMatchObject({ status: 200 });
    expect(await idle[0]!.reply).toMatchObject({ status: 503, body: { code: 'overloaded' } });
    // As many gave way as had to.
    expect(pool.used).toBe(66_600);
    for (const request of idle.slice(1)) request.destroy();
    await eventually(() => inFlight(app).size === 0 && pool.used === 0);
  });
});

@Controller()
class OwnController {
  @Post('own/:agent')
  @RevragEndpoint()
  receive() {
    return 'received';
  }
}

describe.each([
  ['an endpoint', PATH],
  ['a controller of the app', '/own'],
])('a body at %s that waits for a newer secret', (_name, path) => {
  it('counts among those that are not verified yet', async () => {
    const { Calls } = recorder();
    const pool = new BodyPool(100_000);
    const answers = deferred<string>();
    let asked = 0;
    const secret = ({ params }: SecretRequest) =>
      params.agent === 'slow' && asked++ > 0 ? answers.promise : SECRET;
    const { app, url, clock } = await startClockedApp(
      {
        imports: [endpoint({ secret, path: 'webhooks/revrag/:agent' })],
        providers: [Calls],
        controllers: [OwnController],
      },
      builder => builder.overrideProvider(BodyPool).useValue(pool),
    );
    const body = callEnded({ summary: 'x'.repeat(60_000) });
    expect((await post(`${url}${path}/slow`, genuine({ body }))).status).toBeLessThan(300);
    await clock.pass(6_000);
    const now = new Date(clock.now());
    const forged = post(`${url}${path}/slow`, genuine({ body, secret: 'forged', timestamp: now }));
    await eventually(() => asked === 2);
    expect(pool.used).toBeGreaterThan(60_000);
    const refused = await post(`${url}${path}/other`, genuine({ body, timestamp: now }));
    expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } });
    answers.resolve(SECRET);
    expect(await forged).toMatchObject({ status: 401 });
    await eventually(() => inFlight(app).size === 0 && pool.used === 0);
  });
});

describe('a body that does not arrive [pitfall 35]', () => {
  it.each([
    ['30 s by default', {}, 30_000],
    ['bodyTimeout', { bodyTimeout: 2_000 }, 2_000],
    ['the tolerance where that is less', { tolerance: 10 }, 10_000],
  ])('is given up after %s', async (_name, options, ms) => {
    const { app, url, clock } = await startClockedApp({ imports: [endpoint(options)] });
    const { body, headers } = genuine({ timestamp: new Date(clock.now()) });
    const length = { 'content-length': String(body.length) };
    const request = openRequest(url + PATH, { ...headers, ...length });
    request.write(body.subarray(0, 10));
    await eventually(() => inFlight(app).size === 1);
    await clock.pass(ms - 1);
    expect(inFlight(app).size).toBe(1);
    await clock.pass(1);
    expect(await request.reply).toMatchObject({ status: 408, body: { code: 'body_timeout' } });
    expect(inFlight(app).size).toBe(0);
    request.destroy();
  });
});

describe('a sender that is gone before its body is looked at', () => {
  it('is not in flight', async () => {
    const [seen, goOn] = [deferred(), deferred()];
    let asked = 0;
    const wait = (_request: unknown, _response: unknown, next: () => void) => {
      asked += 1;
      if (asked > 1) return next();
      seen.resolve();
      void goOn.promise.then(next);
    };
    const adapter =
      platform === 'express' ? new ExpressAdapter(express().use(wait)) : createAdapter();
    const app = await NestFactory.create(appModule({ imports: [endpoint()] }), adapter, {
      logger: false,
    });
    if (platform === 'fastify') app.use(wait);
    const { url } = await listen(app);
    const { body, headers } = genuine();
    const request = openRequest(url + PATH, { ...headers, 'content-length': String(body.length) });
    await seen.promise;
    request.destroy();
    await eventually(async () => (await connections(app.getHttpServer() as Counts)) === 0);
    goOn.resolve();
    expect(await deliver(url)).toMatchObject({ status: 200 });
    expect(inFlight(app).size).toBe(0);
  });
});

interface Counts {
  getConnections(done: (error: Error | null, count: number) => void): void;
}
const connections = (server: Counts) =>
  new Promise<number>(resolve => server.getConnections((_error, count) => resolve(count)));

describe('accept', () => {
  it('decides before the body is read, with what is known by then', async () => {
    const asked: UnverifiedRequest[] = [];
    const accept = async (request: UnverifiedRequest) => {
      asked.push(request);
      await Promise.resolve();
      return request.headers['x-tenant'] !== 'mallory';
    };
    const { Calls, received } = recorder();
    const { url } = await startApp(
      { imports: [endpoint({ accept })], providers: [Calls] },
      {},
      app => app.setGlobalPrefix('t/:tenant'),
    );
    expect(await post(`${url}/t/a%20b${PATH}`, genuine())).toMatchObject({ status: 200 });
    expect(asked[0]).toMatchObject({ endpoint: 'default', params: { tenant: 'a b' } });
    expect(asked[0]!.ip).toMatch(/127\.0\.0\.1/);
    const { headers } = genuine();
    const request = openRequest(`${url}/t/a${PATH}`, {
      ...headers,
      'x-tenant': 'mallory',
      'content-length': '1000000',
    });
    // Nothing of the body has been sent, nor ever will be.
    expect(await request.reply).toMatchObject({ status: 403, body: { code: 'not_accepted' } });
    request.destroy();
    expect(received).toHaveLength(1);
  });

  it('is not asked about what the headers condemn', async () => {
    let asked = 0;
    const { url } = await startApp({ imports: [endpoint({ accept: () => (asked += 1) > 0 })] });
    expect(await post(url + PATH, { headers: {}, body: '{}' })).toMatchObject({ status: 401 });
    expect(asked).toBe(0);
  });

  it('that throws lets nobody in, and says nothing of why', async () => {
    const accept = () => {
      throw new Error('limiter away');
    };
    const { url } = await startApp({ imports: [endpoint({ accept })] });
    const reply = await deliver(url);
    expect(reply).toMatchObject({ status: 500, body: { code: 'internal_error' } });
    expect(JSON.stringify(reply.body)).not.toContain('limiter');
  });

  it('that rejects with nothing lets nobody in either', async () => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    const { url } = await startApp({ imports: [endpoint({ accept: () => Promise.reject() })] });
    expect(await deliver(url)).toMatchObject({ status: 500, body: { code: 'internal_error' } });
  });

  it('that throws again and again does not flood the log', async () => {
    const logs = new LogCollector();
    const accept = () => Promise.reject(new Error('limiter away'));
    const { app, url } = await startApp({ imports: [endpoint({ accept })] }, { logger: logs });
    for (let turn = 0; turn < 30; turn += 1) await deliver(url);
    expect(logs.of('error').filter(line => line.includes('unexpected'))).toHaveLength(10);
    await app.close();
    expect(logs.of('error').at(-1)).toContain('20 more');
  });

  it.each<[string, (answer: Deferred<boolean>) => void]>([
    ['never', () => undefined],
    ['too late', answer => answer.resolve(true)],
    ['too late, with an error', answer => answer.reject(new Error('limiter away'))],
  ])(
    'that answers %s is given up once, after the time for a body, and is not taken for one',
    async (_when, settle) => {
      const answer = deferred<boolean>();
      let asked = 0;
      const accept = () => asked++ > 0 || answer.promise;
      const logs = new LogCollector();
      const { Calls } = recorder();
      const { app, url, clock } = await startClockedApp(
        { imports: [endpoint({ accept })], providers: [Calls] },
        undefined,
        logs,
      );
      const delivery = small('evt_1');
      const socket = await RawSocket.open(url);
      socket.write(headOf(delivery));
      await eventually(() => inFlight(app).size === 1);
      await clock.pass(30_000);
      const given = { status: 500, body: { code: 'internal_error' } };
      expect(await socket.reply()).toMatchObject(given);
      settle(answer);
      // Nobody wants the body any more: it is followed by the next request.
      socket.write(delivery.body.toString() + whole(small('evt_2')));
      expect(await socket.reply()).toMatchObject({ status: 200, body: { id: 'evt_2' } });
      expect(app.get(BodyPool).used).toBe(0);
      expect(inFlight(app).size).toBe(0);
      expect(logs.of('error')).toHaveLength(1);
      expect(logs.of('error')[0]).toMatch(
        /unexpected.*`accept` .* of the endpoint "default" did not answer within 30 s/s,
      );
      socket.destroy();
    },
  );

  it('must be a function', async () => {
    const started = startApp({ imports: [endpoint({ accept: true })] });
    await expect(started).rejects.toThrow(/accept must be a function/);
  });
});

describe('closing an app', () => {
  it('twice at once ends when the handler is done, and nothing new is read [pitfall 47]', async () => {
    const [begun, finish] = [deferred(), deferred()];
    @Injectable()
    class Slow {
      @OnCallEnded()
      async save() {
        begun.resolve();
        await finish.promise;
      }
    }
    const { app, url, clock } = await startClockedApp({ imports: [endpoint()], providers: [Slow] });
    const reply = deliver(url, { timestamp: new Date(clock.now()) });
    await begun.promise;
    const closed = Promise.all([app.close(), app.close()]);
    await eventually(() => inFlight(app).closing);
    // Nothing of its body has been sent, nor ever will be.
    const late = openRequest(url + PATH, { ...small('late').headers, 'content-length': '9' });
    expect(await late.reply).toMatchObject({ status: 503, body: { code: 'shutting_down' } });
    late.destroy();
    finish.resolve();
    // The clock stands still: only what is done can end the wait.
    await closed;
    expect(await reply).toMatchObject({ status: 200 });
  });

  it.skipIf(isMutated)(
    'runs its hooks, though a refused body was left unread a moment ago [pitfall 47]',
    async () => {
      const hooks = join(mkdtempSync(join(tmpdir(), 'revrag-hooks-')), 'hooks');
      const source = fileURLToPath(new URL('../support/closing-app.ts', import.meta.url));
      const child = new AppProcess(source, { CLOSING_APP_HOOKS: hooks, CLOSING_APP: platform });
      await child.start();
      const request = openRequest(child.url! + PATH, { 'content-length': '1000000' });
      request.write(Buffer.alloc(200_000));
      expect(await request.reply).toMatchObject({ status: 401 });
      await child.terminate();
      request.destroy();
      expect(readFileSync(hooks, 'utf8')).toBe('onModuleDestroy onApplicationShutdown ');
      // The package is transpiled for it, where the sources have changed.
    },
  );
});

describe('over HTTP/2, which Fastify has', () => {
  it('a stream that is refused is closed after the answer, not read away', async () => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on('warning', onWarning);
    onTestFinished(() => void process.off('warning', onWarning));
    const app = await NestFactory.create(
      appModule({ imports: [endpoint()] }),
      new FastifyAdapter({ http2: true } as never),
      { logger: false },
    );
    const { url } = await listen(app);
    const session = connectHttp2(url);
    const stream = session.request({ ':method': 'POST', ':path': PATH });
    let status: unknown;
    let text = '';
    stream.on('response', headers => (status = headers[':status']));
    stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    stream.on('error', () => undefined);
    // More than any window, and never ended.
    for (let index = 0; index < 40; index += 1) stream.write(Buffer.alloc(100_000));
    await eventually(() => stream.closed);
    expect(stream.rstCode).toBe(0);
    // It has sent no more than a window of what it wanted to.
    expect(stream.writableLength).toBeGreaterThan(3_000_000);
    stream.destroy();
    expect(status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ code: 'missing_header' });
    // The connection goes on.
    const next = session.request({ ':method': 'POST', ':path': PATH, ...genuine().headers });
    const again = new Promise(resolve => next.on('response', ({ ':status': s }) => resolve(s)));
    next.end(genuine().body);
    next.resume();
    expect([200, 401]).toContain(await again);
    session.close();
    // HTTP/2 has no header for its end, and Node warns of one.
    expect(warnings.filter(text => text.includes('connection header'))).toEqual([]);
  });
});

describe.runIf(platform === 'express')('an odd request target', () => {
  const malformed = '{"my PIN is 4711';

  it.each([
    '/webhooks\\revrag#',
    '/webhooks\\revrag',
    'http:///webhooks/revrag',
    'https://h:99999/webhooks/revrag',
    'http://h/webhooks/revrag',
    '//webhooks/revrag',
    '/webhooks/revrag;a=b',
    '/webhooks%2frevrag',
    '/webhooks/./revrag',
    '/webhooks/%zz',
    '*',
  ])('%s is whole, refused, or unknown', async target => {
    const { Calls } = recorder();
    const { url } = await startApp({ imports: [endpoint()], providers: [Calls] });
    const socket = await RawSocket.open(url);
    socket.write(whole(small('evt_1'), {}, `POST ${target} HTTP/1.1`));
    const reply = await socket.reply();
    expect([200, 400, 404]).toContain(reply!.status);
    if (reply!.status === 200) expect(reply!.body).toMatchObject({ status: 'processed' });
    const forged = await RawSocket.open(url);
    const { headers } = small('evt_2');
    const sent = { body: Buffer.from(malformed), headers };
    forged.write(whole(sent, {}, `POST ${target} HTTP/1.1`));
    const answer = await forged.reply();
    expect([400, 401, 404]).toContain(answer!.status);
    if (reply!.status === 200) expect(answer!.status).toBe(401);
    socket.destroy();
    forged.destroy();
  });
});
