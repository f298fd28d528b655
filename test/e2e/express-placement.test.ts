import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Body, Controller, Post, VersioningType, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import {
  RevragDelivery,
  RevragEndpoint,
  RevragEventPipe,
  RevragWebhookModule,
  type RevragEvent,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { SECRET, appModule, listen, platform, startApp } from '../support/app.js';
import { LogCollector } from '../support/logs.js';
import { recorder } from '../support/recorder.js';
import { PATH, genuine, post } from '../support/send.js';

const json = { 'content-type': 'application/json' };

/** An app on an Express instance of the user's own. */
async function onExpress(
  configure: (server: express.Express) => void,
  configureApp: (app: INestApplication) => void = () => undefined,
) {
  const server = express();
  configure(server);
  const { Calls, received } = recorder();
  const app = await NestFactory.create(
    appModule({ imports: [RevragWebhookModule.forRoot(SECRET)], providers: [Calls] }),
    new ExpressAdapter(server),
    { logger: false },
  );
  configureApp(app);
  return { ...(await listen(app)), received, server };
}

/** Sends a request as its bytes and gives what comes back until the answer's end. */
function talk(url: string, bytes: Buffer): Promise<string> {
  return new Promise(resolve => {
    let got = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', chunk => {
      got += chunk.toString();
      if (got.includes('}')) socket.destroy();
    });
    socket.on('error', () => undefined).on('close', () => resolve(got));
  });
}

function asBytes(target: string): Buffer {
  const { body, headers } = genuine();
  const lines = Object.entries({ host: 'localhost', 'content-length': body.length, ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`POST ${target} HTTP/1.1\r\n${head}\r\n`), body]);
}

describe.runIf(platform === 'express')(
  'on an Express instance whose middleware comes first',
  () => {
    it('a parser that took the bytes gets an answer that says so, also if middleware waits for them', async () => {
      const listens: express.RequestHandler = (request, _response, next) => {
        request.on('data', () => undefined).on('end', () => undefined);
        next();
      };
      const { url } = await onExpress(
        server => server.use(express.json()),
        app => app.use(listens),
      );
      expect(await post(url + PATH, genuine())).toMatchObject({
        status: 500,
        body: { code: 'raw_body_missing' },
      });
    });

    it.each<[string, express.RequestHandler]>([
      ['express.raw()', express.raw({ type: () => true })],
      [
        'a parser that keeps the raw bytes',
        express.json({
          verify: (request, _response, bytes) => Object.assign(request, { rawBody: bytes }),
        }),
      ],
      [
        'a reader of the app’s own that takes its time',
        async (request: Request, _response: Response, next: NextFunction) => {
          const chunks: Buffer[] = [];
          for await (const chunk of request) chunks.push(chunk as Buffer);
          Object.assign(request, { rawBody: Buffer.concat(chunks) });
          setTimeout(next, 20);
        },
      ],
    ])('%s is made use of', async (_name, middleware) => {
      const { url } = await onExpress(server => server.use(middleware));
      expect(await post(url + PATH, genuine())).toMatchObject({ status: 200 });
    });

    /** As the functions of a platform do: the body is read, and the request has what came of it. */
    const readBy =
      (define: (bytes: Buffer) => PropertyDescriptorMap): express.RequestHandler =>
      async (request, _response, next) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        Object.defineProperties(request, define(Buffer.concat(chunks)));
        next();
      };

    it.each<[string, (bytes: Buffer) => PropertyDescriptorMap]>([
      ['rawBody', bytes => ({ rawBody: { value: bytes }, body: { get: () => ({}) } })],
      ['rawBody of plain bytes', bytes => ({ rawBody: { value: new Uint8Array(bytes) } })],
      ['a body of bytes', bytes => ({ body: { get: () => bytes } })],
    ])('the copy of a platform that has read the body is used: %s', async (_name, define) => {
      const { url } = await onExpress(server => server.use(readBy(define)));
      expect(await post(url + PATH, genuine())).toMatchObject({ status: 200 });
    });

    it.each<[string, PropertyDescriptor]>([
      ['parsed it', { get: () => ({ call_id: 'my PIN is 4711' }) }],
      [
        'parses it on reading, and fails',
        {
          get: () => {
            throw new Error('my PIN is 4711');
          },
        },
      ],
    ])('a platform that has read the body and %s is named with its switch', async (_name, body) => {
      const { url } = await onExpress(server => server.use(readBy(() => ({ body }))));
      const reply = await post(url + PATH, genuine());
      expect(reply).toMatchObject({ status: 500, body: { code: 'raw_body_missing' } });
      expect(reply.body.message).toContain('NODEJS_HELPERS=0');
      expect(JSON.stringify(reply.body)).not.toContain('4711');
    });

    it('code that hooks into responses and throws fails its request, as on any other route', async () => {
      let throws = true;
      const hook: express.RequestHandler = (_request, response, next) => {
        const writeHead = response.writeHead.bind(response) as () => Response;
        if (throws) {
          response.writeHead = () => {
            response.writeHead = writeHead;
            throw new Error('my PIN is 4711');
          };
        }
        next();
      };
      const { url, received } = await onExpress(server => server.use(hook));
      const [body, stale] = [genuine(), genuine({ timestamp: new Date(0) })];
      for (const delivery of [genuine({ secret: 'forged' }), stale, body]) {
        const reply = await post(url + PATH, delivery);
        expect(reply.status).toBe(500);
        expect(JSON.stringify(reply.body)).not.toContain('4711');
      }
      throws = false;
      expect(await post(url + PATH, body)).toMatchObject({
        status: 200,
        body: { status: 'duplicate' },
      });
      expect(received).toHaveLength(1);
    });

    it('the app may be mounted under another', async () => {
      const { server } = await onExpress(() => undefined);
      const outer: Server = createServer(express().use('/api', server));
      await new Promise<void>(resolve => outer.listen(0, '127.0.0.1', resolve));
      const { port } = outer.address() as AddressInfo;
      expect(await post(`http://127.0.0.1:${port}/api${PATH}`, genuine())).toMatchObject({
        status: 200,
      });
      outer.close();
    });
  },
);

describe.runIf(platform === 'express')('middleware that reads the body itself', () => {
  type Read = (request: Request) => Promise<Buffer>;

  const byEvents: Read = request =>
    new Promise(resolve => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.once('end', () => resolve(Buffer.concat(chunks)));
    });
  const later: Read = async request => {
    await new Promise(resolve => setImmediate(resolve));
    return byEvents(request);
  };
  const byPipe: Read = request => buffer(request.pipe(new PassThrough()));

  it.each([
    ['by events', byEvents],
    ['by events, later', later],
    ['through a pipe', byPipe],
    ['twice', async (request: Request) => byEvents(request).then(() => byPipe(request))],
  ])('gets the bytes %s', async (_name, read: Read) => {
    const { Calls, received } = recorder();
    const imports = [RevragWebhookModule.forRoot(SECRET)];
    const seen: Buffer[] = [];
    const { url } = await startApp({ imports, providers: [Calls] }, {}, app =>
      app.use(async (request: Request, _response: Response, next: NextFunction) => {
        seen.push(await read(request));
        next();
      }),
    );
    const delivery = genuine();
    expect(await post(url + PATH, delivery)).toMatchObject({ status: 200 });
    expect(seen).toEqual([delivery.body]);
    expect(received).toHaveLength(1);
  });

  it.each([
    ['its bytes, and then its end', genuine(), 200],
    ['only the end of an empty one', genuine({ body: '' }), 400],
  ])('gets %s, once', async (_what, delivery, status) => {
    const { Calls } = recorder();
    const imports = [RevragWebhookModule.forRoot(SECRET)];
    const seen: unknown[][] = [];
    const { url } = await startApp({ imports, providers: [Calls] }, {}, app =>
      app.use((request: Request, _response: Response, next: NextFunction) => {
        for (const event of ['error', 'end', 'data']) {
          request.on(event, (...given: unknown[]) => seen.push([event, ...given]));
        }
        request.on('end', next);
      }),
    );
    expect(await post(url + PATH, delivery)).toMatchObject({ status });
    const { body } = delivery;
    expect(seen).toEqual([...(body.length > 0 ? [['data', body]] : []), ['end']]);
  });

  it('by iterating finds it empty', async () => {
    const { Calls } = recorder();
    const imports = [RevragWebhookModule.forRoot(SECRET)];
    const { url } = await startApp({ imports, providers: [Calls] }, {}, app =>
      app.use(async (request: Request, _response: Response, next: NextFunction) => {
        expect(await buffer(request)).toHaveLength(0);
        next();
      }),
    );
    expect(await post(url + PATH, genuine())).toMatchObject({ status: 200 });
  });

  it('does not change what parsers do', async () => {
    @Controller('own')
    class Own {
      @Post()
      @RevragEndpoint()
      own(@RevragDelivery(RevragEventPipe) event: RevragEvent, @Body() body: unknown) {
        return { type: event.type, body };
      }
    }
    const imports = [RevragWebhookModule.forRoot({ secret: SECRET, path: false })];
    const { url } = await startApp({ imports, controllers: [Own] }, {}, app => {
      app.use(
        express.json(),
        express.text({ type: () => true }),
        express.raw({ type: () => true }),
      );
    });
    expect(await post(`${url}/own`, genuine())).toMatchObject({
      status: 201,
      body: { type: 'call.ended', body: {} },
    });
  });
});

describe.runIf(platform === 'express')('a request target', () => {
  it.each<[string, (url: string) => string]>([
    ['in absolute form, as proxies may send it', url => `${url}${PATH}`],
    ['with a query', () => `${PATH}?agent=1`],
    ['with a fragment', () => `${PATH}#x`],
  ])('%s leads to the endpoint', async (_name, target) => {
    const { Calls } = recorder();
    const imports = [RevragWebhookModule.forRoot(SECRET)];
    const { url } = await startApp({ imports, providers: [Calls] });
    expect(await talk(url, asBytes(target(url)))).toMatch(/^HTTP\/1.1 200/);
  });

  it.each([
    ['an optional group', 'api{/:tenant}', ['/api/acme', '/api']],
    ['a parameter within a segment', 't-:tenant', ['/t-acme']],
  ])('under a global prefix with %s leads there', async (_name, prefix, paths) => {
    const { Calls } = recorder();
    const imports = [RevragWebhookModule.forRoot(SECRET)];
    const { url } = await startApp({ imports, providers: [Calls] }, {}, app =>
      app.setGlobalPrefix(prefix),
    );
    for (const path of paths) {
      expect(await post(url + path + PATH, genuine({ id: path }))).toMatchObject({ status: 200 });
    }
  });
});

describe("other people's routes", () => {
  const imports = [RevragWebhookModule.forRoot({ secret: SECRET, path: false })];

  it('keep requests that a pattern of ours would match as well', async () => {
    @Controller('hooks')
    class Others {
      @Post('stripe')
      stripe(@Body() body: object) {
        return body;
      }
    }
    @Controller('hooks')
    class Mine {
      @Post(':tenant')
      @RevragEndpoint()
      mine(@RevragDelivery(RevragEventPipe) event: RevragEvent) {
        return event.type;
      }
    }
    const { url } = await startApp({ imports, controllers: [Others, Mine] });
    expect(await post(`${url}/hooks/acme`, genuine())).toMatchObject({ status: 201 });
    expect(await post(`${url}/hooks/stripe`, { headers: json, body: '{"a":1}' })).toMatchObject({
      status: 201,
      body: { a: 1 },
    });
  });

  it.runIf(platform === 'express')(
    'keep the requests of another version of our path; ours needs raw bytes from the app then',
    async () => {
      @Controller({ path: 'calls', version: '2' })
      class Mine {
        @Post()
        @RevragEndpoint()
        mine(@RevragDelivery(RevragEventPipe) event: RevragEvent) {
          return { type: event.type };
        }
      }
      @Controller({ path: 'calls', version: '1' })
      class Others {
        @Post()
        other(@Body() body: object) {
          return body;
        }
      }
      const logger = new LogCollector();
      const { url } = await startApp(
        { imports, controllers: [Others, Mine] },
        { rawBody: true, logger },
        app => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-v' }),
      );
      const { body, headers } = genuine();
      expect(
        await post(`${url}/calls`, { body, headers: { ...headers, 'x-v': '2' } }),
      ).toMatchObject({ status: 201, body: { type: 'call.ended' } });
      expect(
        await post(`${url}/calls`, { headers: { ...json, 'x-v': '1' }, body: '{"a":1}' }),
      ).toMatchObject({ status: 201, body: { a: 1 } });
      expect(logger.of('warn').join()).toMatch(/POST \/calls leads to another route as well/);
    },
  );
});
