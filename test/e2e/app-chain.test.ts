import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Body,
  Controller,
  Injectable,
  Module,
  Post,
  RequestMethod,
  SetMetadata,
  ValidationPipe,
  VersioningType,
  type CallHandler,
  type ExecutionContext,
  type INestApplication,
  type MiddlewareConsumer,
  type NestInterceptor,
  type NestModule,
  type Type,
  type VersioningOptions,
} from '@nestjs/common';
import { APP_INTERCEPTOR, RouterModule } from '@nestjs/core';
import {
  OnCallEnded,
  RevragDelivery,
  RevragEndpoint,
  RevragEventPipe,
  RevragWebhookModule,
  VerifiedDelivery,
  type RevragEvent,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { NEVER, timeout } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SECRET, platform, startApp } from '../support/app.js';
import { LogCollector } from '../support/logs.js';
import { recorder } from '../support/recorder.js';
import { PATH, deliver, genuine, post } from '../support/send.js';

/** Larger than any parser's default limit. */
const large = callEnded({ summary: 'x'.repeat(1_500_000) });
const PROCESSED = { status: 200, body: { status: 'processed' } };
const endpoint = RevragWebhookModule.forRoot(SECRET);

@Injectable()
class NeverAnswers implements NestInterceptor {
  intercept() {
    return NEVER;
  }
}

describe('an interceptor of the app [pitfall 39]', () => {
  it('that never calls next does not keep the answer', async () => {
    const { Calls, received } = recorder();
    const providers = [Calls, { provide: APP_INTERCEPTOR, useClass: NeverAnswers }];
    const { url } = await startApp({ imports: [endpoint], providers });
    expect(await deliver(url, { body: large })).toMatchObject(PROCESSED);
    expect(received).toHaveLength(1);
  });

  it('that limits time does not limit handlers', async () => {
    @Injectable()
    class Timeout implements NestInterceptor {
      intercept(_context: ExecutionContext, next: CallHandler) {
        return next.handle().pipe(timeout(1));
      }
    }
    @Injectable()
    class Slow {
      @OnCallEnded()
      async save() {
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    }
    const providers = [Slow, { provide: APP_INTERCEPTOR, useClass: Timeout }];
    const { url } = await startApp({ imports: [endpoint], providers });
    expect(await deliver(url)).toMatchObject(PROCESSED);
  });
});

describe('the answer comes before the router [pitfall 48]', () => {
  const uri: VersioningOptions = { type: VersioningType.URI, defaultVersion: ['1', '2'] };
  it.each<[string, string, (app: INestApplication) => void, string?]>([
    ['a prefix', `/api${PATH}`, app => app.setGlobalPrefix('api')],
    ['a prefix with slashes', `/api/v3${PATH}`, app => app.setGlobalPrefix('/api/v3/')],
    ['a prefix with a parameter', `/t/acme${PATH}`, app => app.setGlobalPrefix('t/:tenant')],
    ['an exclusion', PATH, app => app.setGlobalPrefix('api', { exclude: ['webhooks/revrag'] })],
    [
      'an exclusion of its method, by pattern',
      PATH,
      app =>
        app.setGlobalPrefix('api', {
          exclude: [{ path: 'webhooks/:name', method: RequestMethod.POST }],
        }),
    ],
    [
      'an exclusion of another method',
      `/api${PATH}`,
      app =>
        app.setGlobalPrefix('api', {
          exclude: [{ path: 'webhooks/revrag', method: RequestMethod.GET }],
        }),
    ],
    ['versions in the path', PATH, app => app.enableVersioning(uri)],
    ['prefix and versions', `/api${PATH}`, app => app.setGlobalPrefix('api').enableVersioning(uri)],
    ['RouterModule', `/partners${PATH}`, () => undefined, 'partners'],
    ['RouterModule and a prefix', `/api/a/b${PATH}`, app => app.setGlobalPrefix('api'), '/a/b/'],
  ])('with %s', async (_name, path, configure, routerPath) => {
    const { Calls, received } = recorder();
    const router = routerPath
      ? [RouterModule.register([{ path: routerPath, module: RevragWebhookModule }])]
      : [];
    const providers = [Calls, { provide: APP_INTERCEPTOR, useClass: NeverAnswers }];
    const { url } = await startApp({ imports: [endpoint, ...router], providers }, {}, configure);
    expect(await post(url + path, genuine({ body: large }))).toMatchObject(PROCESSED);
    expect(received).toHaveLength(1);
  });
});

describe('middleware of the app [pitfall 38]', () => {
  const context = new AsyncLocalStorage<string>();
  const open = (_request: unknown, _response: unknown, next: () => void) =>
    context.run('of the middleware', next);

  it.each<[string, Parameters<ReturnType<MiddlewareConsumer['apply']>['forRoutes']>]>([
    ['for all methods', [{ path: '{*splat}', method: RequestMethod.ALL }]],
    ['for POST', [{ path: '{*splat}', method: RequestMethod.POST }]],
    ['for every path', ['{*splat}']],
    ['for the path', ['webhooks/revrag']],
  ])('%s runs before the answer, and leaves the body alone', async (_name, routes) => {
    const contexts: unknown[] = [];
    @Injectable()
    class Calls {
      @OnCallEnded()
      save() {
        contexts.push(context.getStore());
      }
    }
    @Module({})
    class Deep implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        consumer.apply(open).forRoutes(...routes);
      }
    }
    // Nest mounts by the distance from the root: further than any module of the library.
    let Middle: Type = Deep;
    for (let level = 0; level < 8; level += 1) {
      @Module({ imports: [Middle] })
      class Next {}
      Middle = Next;
    }
    const logger = new LogCollector();
    const { url } = await startApp({ imports: [endpoint, Middle], providers: [Calls] }, { logger });
    expect(await deliver(url)).toMatchObject(PROCESSED);
    expect(await deliver(url, { body: large })).toMatchObject(PROCESSED);
    expect(contexts).toEqual(['of the middleware', 'of the middleware']);
    expect(logger.of('warn')).toEqual([]);
  });
});

describe.runIf(platform === 'express')('an agent that wraps what is added to Express', () => {
  /** As agents do it, so that no function that Nest registers is on the stack itself. */
  function instrument(app: INestApplication): void {
    const server = app.getHttpAdapter().getInstance() as Record<string, unknown>;
    const wrap = (given: unknown) =>
      typeof given === 'function'
        ? function (this: unknown, ...args: unknown[]): unknown {
            return (given as (...args: unknown[]) => unknown).apply(this, args);
          }
        : given;
    for (const name of ['use', 'all', 'post', 'get']) {
      const add = server[name] as (...args: unknown[]) => unknown;
      server[name] = (...args: unknown[]) =>
        args.some(given => typeof given === 'function' && given.length === 4)
          ? add.apply(server, args)
          : add.apply(server, name === 'get' && args.length === 1 ? args : args.map(wrap));
    }
  }

  it('changes nothing, and the boot log has the endpoint [pitfall 38]', async () => {
    const { Calls, received } = recorder();
    const logger = new LogCollector();
    const { url } = await startApp(
      { imports: [endpoint], providers: [Calls], controllers: [Own] },
      { logger },
      instrument,
    );
    expect(await deliver(url, { body: large })).toMatchObject(PROCESSED);
    expect(received).toHaveLength(1);
    expect(await post(`${url}/own`, genuine({ body: large }))).toMatchObject({ status: 201 });
    expect(logger.text).toContain(`Endpoint default: POST ${PATH}`);
    expect(logger.text).toContain('Endpoint default: POST /own');
  });
});

@Controller('own')
class Own {
  @Post()
  @RevragEndpoint()
  receive(@RevragDelivery(RevragEventPipe) event: RevragEvent) {
    return { type: event.type };
  }
}

describe('a controller of the app with @RevragEndpoint()', () => {
  it.each<[string, (app: INestApplication) => void, string[]]>([
    ['a prefix', app => app.setGlobalPrefix('api'), ['/api/hooks/a', '/api/hooks/b', '/api/c/a']],
    [
      'an exclusion',
      app => app.setGlobalPrefix('api', { exclude: ['hooks/a'] }),
      ['/hooks/a', '/api/hooks/b'],
    ],
    [
      'versions in the path',
      app => app.enableVersioning({ type: VersioningType.URI, prefix: 'version-' }),
      ['/version-1/hooks/a', '/version-2/hooks/b', '/version-1/c/a'],
    ],
    [
      'versions in the path, a prefix and an exclusion',
      app =>
        app
          .setGlobalPrefix('api', { exclude: ['c/{*rest}'] })
          .enableVersioning({ type: VersioningType.URI }),
      ['/api/v1/hooks/a', '/v2/c/b'],
    ],
    [
      'versions in a header',
      app => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
      ['/hooks/a', '/c/b'],
    ],
  ])('is found with %s', async (_name, configure, paths) => {
    @Controller({ path: ['hooks', 'c'], version: ['1', '2'] })
    class Hooks {
      @Post(['a', 'b'])
      @RevragEndpoint()
      receive(@RevragDelivery() { id }: VerifiedDelivery) {
        return { id };
      }
    }
    const { url } = await startApp(
      {
        imports: [RevragWebhookModule.forRoot({ secret: SECRET, path: false })],
        controllers: [Hooks],
      },
      {},
      configure,
    );
    for (const path of paths) {
      const { body, headers } = genuine({ id: path, body: large });
      const sent = { body, headers: { ...headers, 'x-version': '2' } };
      expect(await post(url + path, sent)).toMatchObject({ status: 201, body: { id: path } });
    }
  });

  it('gets the same object whatever pipes the app has', async () => {
    const seen: unknown[] = [];
    @Controller('piped')
    class Piped {
      @Post('delivery')
      @RevragEndpoint()
      delivery(@RevragDelivery() delivery: VerifiedDelivery) {
        seen.push(delivery instanceof VerifiedDelivery, delivery.id, delivery.rawBody.length);
      }
      @Post('event')
      @RevragEndpoint()
      event(@Body() _body: object, @RevragDelivery(RevragEventPipe) event: RevragEvent) {
        seen.push(event.delivery.id);
      }
    }
    const { url } = await startApp({ imports: [endpoint], controllers: [Piped] }, {}, app =>
      app.useGlobalPipes(
        new ValidationPipe({
          validateCustomDecorators: true,
          transform: true,
          whitelist: true,
          forbidNonWhitelisted: true,
          forbidUnknownValues: true,
        }),
      ),
    );
    const delivery = genuine({ id: 'evt_1' });
    expect(await post(`${url}/piped/delivery`, delivery)).toMatchObject({ status: 201 });
    expect(await post(`${url}/piped/event`, delivery)).toMatchObject({ status: 201 });
    expect(seen).toEqual([true, 'evt_1', delivery.body.length, 'evt_1']);
  });
});

describe('a decorator that puts another function in the place of the method [pitfall 38]', () => {
  const Replaced: MethodDecorator = (_target, _key, descriptor) => {
    const method = descriptor.value as unknown as (...args: unknown[]) => unknown;
    descriptor.value = function (this: unknown, ...args: unknown[]) {
      return method.apply(this, args);
    } as never;
  };

  it('above @RevragEndpoint() stops the boot, as its guard would be gone', async () => {
    @Controller('replaced')
    class Hooks {
      @Post()
      @Replaced
      @RevragEndpoint()
      receive() {
        return {};
      }
    }
    const started = startApp({ imports: [endpoint], controllers: [Hooks] });
    await expect(started).rejects.toThrow(/Hooks\.receive .*Put @RevragEndpoint\(\) above/s);
  });

  it.each([
    ['below @RevragEndpoint()', [Replaced]],
    ['above all, with the metadata', [Replaced, SetMetadata('a', 'b')]],
  ])('%s changes nothing', async (_name, below) => {
    @Controller('replaced')
    class Hooks {
      @Post()
      @RevragEndpoint('sales')
      receive(@RevragDelivery() delivery: VerifiedDelivery) {
        return { id: delivery.id };
      }
    }
    const descriptor = Object.getOwnPropertyDescriptor(Hooks.prototype, 'receive')!;
    const before = descriptor.value as object;
    for (const decorate of below) decorate(Hooks.prototype, 'receive', descriptor);
    const after = descriptor.value as object;
    for (const key of Reflect.getMetadataKeys(before)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, before), after);
    }
    Object.defineProperty(Hooks.prototype, 'receive', descriptor);
    const sales = RevragWebhookModule.forRoot({ secret: 'of sales', name: 'sales', path: false });
    const { url } = await startApp({ imports: [endpoint, sales], controllers: [Hooks] });
    const reply = await post(`${url}/replaced`, genuine({ id: 'evt_1', secret: 'of sales' }));
    expect(reply).toMatchObject({ status: 201, body: { id: 'evt_1' } });
    expect(await post(`${url}/replaced`, genuine())).toMatchObject({ status: 401 });
  });
});
