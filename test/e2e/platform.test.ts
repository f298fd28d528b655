import { connect } from 'node:net';
import {
  Body,
  Controller,
  Injectable,
  Post,
  Req,
  ValidationPipe,
  VersioningType,
  type CallHandler,
  type CanActivate,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type ModuleMetadata,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, RouterModule } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import {
  CallEndedDto,
  OnCallEnded,
  RevragDelivery,
  RevragEndpoint,
  RevragEventPipe,
  RevragWebhookModule,
  type RevragEvent,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SECRET, createAdapter, listen, platform, startApp } from '../support/app.js';
import { LogCollector } from '../support/logs.js';
import { PATH, deliver, genuine, post } from '../support/send.js';

@Injectable()
class Calls {
  readonly ids: string[] = [];

  @OnCallEnded()
  save(call: CallEndedDto) {
    this.ids.push(call.call_id);
  }
}

const withEndpoint = (metadata: ModuleMetadata = {}): ModuleMetadata => ({
  ...metadata,
  imports: [RevragWebhookModule.forRoot(SECRET), ...(metadata.imports ?? [])],
  providers: [Calls, ...(metadata.providers ?? [])],
});

const PROCESSED = { status: 200, body: { status: 'processed' } };

/** A call whose transcript alone is larger than what either platform takes by default. */
const longCall = (bytes: number) =>
  callEnded({
    transcription: { messages: [{ role: 'user', content: 'ten bytes ÿ'.repeat(bytes / 10) }] },
  });

/** Sends a head and whatever of a body; gives what comes back until the answer's end or the connection's. */
function exchange(url: string, head: string[], body = ''): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let reply = '';
    const socket = connect(Number(port), hostname);
    socket.write([...head, `Host: ${hostname}`, '', body].join('\r\n'));
    socket.on('data', chunk => {
      reply += chunk.toString('latin1');
      if (/\r\n\r\n.*}$/s.test(reply)) socket.destroy();
    });
    socket.on('close', () => resolve(reply)).on('error', reject);
  });
}

describe('bodies', () => {
  it('are taken over the platform’s own limit, with no options', async () => {
    const { url } = await startApp(withEndpoint());
    expect(await deliver(url, { body: longCall(3_000_000) })).toMatchObject(PROCESSED);
  });

  it.each([
    'application/json; charset=utf-16',
    'application/cloudevents+json',
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'multipart/form-data; boundary=none',
    'text/plain',
    'text/x-unheard-of',
    'not a media type',
  ])('are taken as %s', async contentType => {
    const { app, url } = await startApp(withEndpoint());
    const { body, headers } = genuine();
    const delivery = { body, headers: { ...headers, 'content-type': contentType } };
    expect(await post(url + PATH, delivery)).toMatchObject(PROCESSED);
    expect(app.get(Calls).ids).toHaveLength(1);
  });

  it('are taken without a content type, and in chunks', async () => {
    const { url } = await startApp(withEndpoint());
    const { body, headers } = genuine();
    const names = Object.entries(headers).filter(([name]) => name !== 'content-type');
    const reply = await exchange(
      url,
      [
        `POST ${PATH} HTTP/1.1`,
        ...names.map(header => header.join(': ')),
        'Transfer-Encoding: chunked',
      ],
      [...chunks(body.toString('latin1'), 100), '0\r\n\r\n'].join(''),
    );
    expect(reply).toMatch(/^HTTP\/1.1 200 .*"status":"processed"/s);
  });

  it('are left unread where the headers condemn the request', async () => {
    const { url } = await startApp(withEndpoint());
    const start = [`POST ${PATH} HTTP/1.1`, 'Content-Type: application/json'];
    const missing = await exchange(url, [...start, 'Content-Length: 1000']);
    expect(missing).toMatch(/^HTTP\/1.1 401 .*"code":"missing_header"/s);
    const stale = Object.entries(genuine({ timestamp: 1 }).headers).map(line => line.join(': '));
    const old = await exchange(url, [`POST ${PATH} HTTP/1.1`, ...stale, 'Content-Length: 1000']);
    expect(old).toMatch(/^HTTP\/1.1 401 .*"code":"timestamp_out_of_tolerance"/s);
    const fresh = Object.entries(genuine().headers).map(line => line.join(': '));
    const huge = await exchange(url, [
      `POST ${PATH} HTTP/1.1`,
      ...fresh,
      'Content-Length: 9000000',
    ]);
    expect(huge).toMatch(/^HTTP\/1.1 413 .*"code":"body_too_large"/s);
  });
});

function* chunks(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; at += size) {
    const chunk = text.slice(at, at + size);
    yield `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
  }
}

describe('answers', () => {
  it('are the same on every platform', async () => {
    const { body, headers } = genuine({ id: 'evt_1' });
    const late = Math.floor(Date.now() / 1000) - 1000;
    const deliveries: Parameters<typeof post>[1][] = [
      { body, headers },
      { body, headers },
      genuine({ id: 'evt_2', body: '{"call_status":7}' }),
      genuine({ id: 'evt_3', body: '{"unfinished":' }),
      genuine({ id: 'evt_4', type: 'call.unheard_of' }),
      { body: 'forged', headers },
      { body, headers: {} },
      { body: '', headers: { 'content-type': 'application/json' } },
      genuine({ timestamp: late }),
      { body, headers: { ...headers, 'x-webhook-signature': 'v1=none' } },
      { body, headers: { ...headers, 'content-encoding': 'gzip' } },
      genuine({ body: longCall(6_000_000) }),
    ];
    const replies = await Promise.all(
      (['express', 'fastify'] as const).map(async platform => {
        const app = await Test.createTestingModule(withEndpoint()).compile();
        const { url } = await listen(app.createNestApplication(createAdapter(platform)));
        const given = [];
        for (const delivery of deliveries) {
          const reply = await post(url + PATH, delivery);
          const type = reply.headers.get('content-type');
          const retryAfter = reply.headers.get('retry-after');
          given.push({ status: reply.status, type, retryAfter, body: withoutAge(reply.body) });
        }
        return given;
      }),
    );
    expect(replies[1]).toEqual(replies[0]);
    expect(replies[0]!.map(({ status }) => status)).toEqual([
      200, 200, 400, 400, 200, 401, 401, 401, 401, 401, 415, 413,
    ]);
  });
});

/** Seconds may pass between one platform and the other. */
const withoutAge = (body: Record<string, unknown>) =>
  JSON.parse(JSON.stringify(body).replace(/is \d+ s/, 'is some s')) as unknown;

describe('other routes', () => {
  @Controller('other')
  class Other {
    @Post()
    echo(@Body() body: unknown, @Req() request: { rawBody?: Buffer }) {
      const raw = request.rawBody?.toString() ?? 'none';
      return { body: body ?? 'none', raw: raw.length > 100 ? raw.length : raw };
    }
  }

  it.each([false, true])('are parsed as without the module (rawBody: %s)', async rawBody => {
    const requests = [
      { type: 'application/json', body: '{"a":1}' },
      { type: 'application/json', body: '{"a":' },
      { type: 'application/json', body: '' },
      { type: 'application/json', body: JSON.stringify({ a: 'x'.repeat(90_000) }) },
      { type: 'application/json', body: JSON.stringify({ a: 'x'.repeat(2_000_000) }) },
      { type: 'application/x-www-form-urlencoded', body: 'a=1&b=2' },
      { type: 'text/plain', body: 'plain' },
      { type: 'application/octet-stream', body: 'bytes' },
    ];
    const [with_, without] = await Promise.all(
      [withEndpoint({ controllers: [Other] }), { controllers: [Other] }].map(async metadata => {
        const { url } = await startApp(metadata, { rawBody });
        const replies = [];
        for (const { type, body } of requests) {
          const reply = await post(`${url}/other`, { body, headers: { 'content-type': type } });
          replies.push({ status: reply.status, body: reply.body });
        }
        return replies;
      }),
    );
    expect(with_).toEqual(without);
    expect(with_![0]).toMatchObject({ status: 201, body: { body: { a: 1 } } });
    expect(with_![4]).toMatchObject({ status: 413 });
  });
});

describe('paths', () => {
  const cases: Record<string, [path: string, (app: INestApplication) => void, DynamicModule[]?]> = {
    'a global prefix': [`/api${PATH}`, app => app.setGlobalPrefix('api')],
    'a global prefix with a parameter': [
      `/tenants/7${PATH}`,
      app => app.setGlobalPrefix('tenants/:tenant'),
    ],
    'versions in the path': [PATH, app => app.enableVersioning()],
    'versions in a header': [
      PATH,
      app => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
    ],
    'versions in the media type': [
      PATH,
      app => app.enableVersioning({ type: VersioningType.MEDIA_TYPE, key: 'v=' }),
    ],
    RouterModule: [
      `/hooks${PATH}`,
      () => undefined,
      [RouterModule.register([{ path: 'hooks', module: RevragWebhookModule }])],
    ],
  };

  it.each(Object.entries(cases))('with %s', async (_name, [path, configure, imports]) => {
    const { url } = await startApp(withEndpoint({ imports }), {}, configure);
    expect(await post(`${url}${path}?a=b`, genuine())).toMatchObject(PROCESSED);
    const { headers } = genuine();
    const forged = await post(url + path, { body: 'forged '.repeat(300_000), headers });
    expect(forged).toMatchObject({ status: 401, body: { code: 'signature_mismatch' } });
    expect((await fetch(url + path)).status).toBe(404);
  });
});

describe('an app’s own', () => {
  it('guards, interceptors, filters and pipes change nothing', async () => {
    @Injectable()
    class Guard implements CanActivate {
      canActivate() {
        return false;
      }
    }
    @Injectable()
    class Wrap implements NestInterceptor {
      intercept(_context: ExecutionContext, next: CallHandler) {
        return next.handle().pipe(map(data => ({ data: data as unknown })));
      }
    }
    class CatchAll implements ExceptionFilter {
      catch(_error: unknown, host: ExecutionContext) {
        const response = host.switchToHttp().getResponse<{ status(code: number): Sender }>();
        response.status(418).send({ caught: true });
      }
    }
    interface Sender {
      send(body: object): void;
    }
    const { url } = await startApp(
      withEndpoint({
        providers: [
          { provide: APP_GUARD, useClass: Guard },
          { provide: APP_INTERCEPTOR, useClass: Wrap },
          { provide: APP_FILTER, useClass: CatchAll },
        ],
      }),
      {},
      app => {
        const options = { whitelist: true, forbidNonWhitelisted: true, transform: true };
        app.useGlobalPipes(new ValidationPipe(options));
      },
    );
    expect(await deliver(url, { id: 'evt_1' })).toMatchObject({
      status: 200,
      body: { status: 'processed', id: 'evt_1' },
    });
    expect(await deliver(url, { body: '{}' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_payload' },
    });
  });

  it('controller receives deliveries with @RevragEndpoint()', async () => {
    @Controller('hooks/:agent')
    class Hooks {
      @Post('calls')
      @RevragEndpoint()
      receive(@RevragDelivery(RevragEventPipe) event: RevragEvent<CallEndedDto>) {
        return { id: event.delivery.id };
      }
    }
    const { url } = await startApp({
      imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false })],
      controllers: [Hooks],
    });
    const { body, headers } = genuine({ id: 'evt_1', body: longCall(2_000_000) });
    const delivery = { body, headers: { ...headers, 'content-type': 'text/plain' } };
    expect(await post(`${url}/hooks/7/calls`, delivery)).toMatchObject({
      status: 201,
      body: { id: 'evt_1' },
    });
    expect(await post(`${url}/hooks/7/calls`, { ...delivery, body: 'forged' })).toMatchObject({
      status: 401,
      body: { code: 'signature_mismatch' },
    });
  });
});

it.runIf(platform === 'express')(
  'a parser that was there before Nest gets an answer that says so',
  async () => {
    const { default: express, json } = await import('express');
    const adapter = new ExpressAdapter(express().use(json()));
    const module = await Test.createTestingModule(withEndpoint()).compile();
    const { url } = await listen(module.createNestApplication(adapter, { logger: false }));
    const reply = await deliver(url);
    expect(reply).toMatchObject({ status: 500, body: { code: 'raw_body_missing' } });
  },
);

it.runIf(platform === 'express')(
  'an adapter it does not know needs rawBody: true, and the log says so',
  async () => {
    class OtherAdapter extends ExpressAdapter {
      override getType() {
        return 'other';
      }
    }
    const replies = [];
    for (const rawBody of [true, false]) {
      const logger = new LogCollector();
      const module = await Test.createTestingModule(withEndpoint()).compile();
      const app = module.createNestApplication(new OtherAdapter(), { logger, rawBody });
      const { url } = await listen(app);
      replies.push(await deliver(url));
      expect(logger.of('warn')).toEqual([
        expect.stringMatching(/"other" is neither Express nor Fastify.* RevragWebhookModule$/),
      ]);
    }
    expect(replies[0]).toMatchObject(PROCESSED);
    expect(replies[1]).toMatchObject({ status: 500, body: { code: 'raw_body_missing' } });
  },
);

it('works in an app of a testing module', async () => {
  const module = await Test.createTestingModule(withEndpoint()).compile();
  const { url } = await listen(module.createNestApplication(createAdapter(), { logger: false }));
  expect(await deliver(url, { body: longCall(2_000_000) })).toMatchObject(PROCESSED);
});

it('finishes what it has begun when the app closes, and accepts nothing new', async () => {
  let finish!: () => void;
  const finished = new Promise<void>(resolve => (finish = resolve));
  let begun = 0;
  @Injectable()
  class Slow {
    @OnCallEnded()
    async save() {
      begun += 1;
      await finished;
    }
  }
  const { app, url } = await startApp({
    imports: [RevragWebhookModule.forRoot(SECRET)],
    providers: [Slow],
  });
  const first = deliver(url, { id: 'evt_1' });
  await expect.poll(() => begun).toBe(1);
  const closed = app.close();
  await expect
    .poll(() => deliver(url, { id: 'evt_2', body: callEnded({ call_id: 'another' }) }))
    .toMatchObject({ status: 503, body: { code: 'shutting_down' } });
  finish();
  expect(await first).toMatchObject(PROCESSED);
  await closed;
});

it('two apps in one process do not meet', async () => {
  const [one, two] = await Promise.all([
    startApp(withEndpoint()),
    startApp({ imports: [RevragWebhookModule.forRoot('whsec_of_another_app')] }),
  ]);
  expect(await deliver(one.url)).toMatchObject(PROCESSED);
  expect(await deliver(two.url)).toMatchObject({ status: 401 });
  expect(one.app.get(Calls).ids).toHaveLength(1);
});
