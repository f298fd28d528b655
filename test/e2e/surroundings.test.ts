import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server } from 'node:http';
import {
  Catch,
  Injectable,
  Module,
  Scope,
  UnauthorizedException,
  ValidationPipe,
  VersioningType,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type MiddlewareConsumer,
  type ModuleMetadata,
  type NestInterceptor,
  type NestModule,
} from '@nestjs/common';
import {
  APP_FILTER,
  APP_GUARD,
  APP_INTERCEPTOR,
  APP_PIPE,
  HttpAdapterHost,
  RouterModule,
} from '@nestjs/core';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { OnCallEnded, RevragWebhookModule } from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { recorder } from '../support/recorder.js';
import { PATH, deliver, genuine, post } from '../support/send.js';

type MiddlewareOpening = 'module' | 'nowhere';

/** Lets nobody in. */
@Injectable()
class AuthGuard implements CanActivate {
  canActivate(): boolean {
    throw new UnauthorizedException('log in first');
  }
}

/** Wraps every result, as many an API does. */
@Injectable()
class WrappingInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(map((data: unknown) => ({ data, success: true })));
  }
}

/** Answers whatever is thrown in a form of its own. */
@Catch()
class CatchAllFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response: unknown = host.switchToHttp().getResponse();
    this.host.httpAdapter.reply(response, { oops: String(error) }, 418);
  }
}

const strictPipe = () =>
  new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true });

async function start(
  options: { decorators?: ClassDecorator[] } = {},
  more: ModuleMetadata = {},
  configure: (app: INestApplication) => void = () => undefined,
) {
  const { Calls, received } = recorder();
  const { url } = await startApp(
    {
      ...more,
      imports: [
        RevragWebhookModule.forRoot({ secret: SECRET, ...options }),
        ...(more.imports ?? []),
      ],
      providers: [Calls, ...(more.providers ?? [])],
    },
    {},
    configure,
  );
  return { url, received };
}

/** Larger than any parser's default limit, so that it shows whether the endpoint's own reader was at work. */
const large = callEnded({ summary: 'x'.repeat(1_500_000), custom_metadata: { any: 1 } });

describe('the endpoint in an app with [pitfall 13]', () => {
  it.each<[string, (app: INestApplication) => void, string]>([
    ['a global prefix', app => app.setGlobalPrefix('api'), `/api${PATH}`],
    [
      'a global prefix that excludes it',
      app => app.setGlobalPrefix('api', { exclude: ['webhooks/revrag'] }),
      PATH,
    ],
    ['a prefix with a parameter', app => app.setGlobalPrefix('t/:tenant'), `/t/acme${PATH}`],
    [
      'URI versioning with a default version',
      app => app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
      PATH,
    ],
    [
      'header versioning',
      app => app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
      PATH,
    ],
    [
      'media type versioning',
      app =>
        app.enableVersioning({ type: VersioningType.MEDIA_TYPE, key: 'v=', defaultVersion: '2' }),
      PATH,
    ],
    [
      'prefix and versions together',
      app =>
        app
          .setGlobalPrefix('api')
          .enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
      `/api${PATH}`,
    ],
  ])('%s', async (_name, configure, path) => {
    const { url, received } = await start({}, {}, configure);
    const reply = await post(url + path, genuine({ body: large }));
    expect(reply).toMatchObject({ status: 200, body: { status: 'processed' } });
    expect(received).toHaveLength(1);
  });

  it('RouterModule', async () => {
    const imports = [RouterModule.register([{ path: 'partners', module: RevragWebhookModule }])];
    const { url } = await start({}, { imports });
    expect(await post(`${url}/partners${PATH}`, genuine({ body: large }))).toMatchObject({
      status: 200,
    });
  });

  it.each<[string, ModuleMetadata, (app: INestApplication) => void]>([
    ['app', {}, app => app.useGlobalPipes(strictPipe())],
    ['provider', { providers: [{ provide: APP_PIPE, useFactory: strictPipe }] }, () => undefined],
  ])(
    'a whitelisting ValidationPipe as %s: fields are not stripped or refused',
    async (_n, more, configure) => {
      const { url, received } = await start({}, more, configure);
      expect(await deliver(url, { body: large })).toMatchObject({ status: 200 });
      const { custom_metadata, ...fields } = large;
      expect(received[0]!.payload).toMatchObject({ ...fields, extra: { custom_metadata } });
    },
  );

  it('an auth guard, which has no say in deliveries', async () => {
    const providers = [{ provide: APP_GUARD, useClass: AuthGuard }];
    const { url, received } = await start({}, { providers });
    expect(await deliver(url)).toMatchObject({ status: 200 });
    expect(received).toHaveLength(1);
  });

  it('a throttler, which does not count deliveries', async () => {
    const more: ModuleMetadata = {
      imports: [ThrottlerModule.forRoot([{ ttl: 60_000, limit: 2 }])],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    };
    const { url } = await start({}, more);
    for (let index = 0; index < 5; index += 1) {
      const body = callEnded({ call_id: String(index) });
      expect(await deliver(url, { body })).toMatchObject({ status: 200 });
    }
  });

  it.each([
    [APP_GUARD, AuthGuard],
    [APP_INTERCEPTOR, WrappingInterceptor],
    [APP_FILTER, CatchAllFilter],
  ])(
    'a request-scoped %s, for which Nest constructs each controller anew',
    async (provide, useClass) => {
      const providers = [{ provide, useClass, scope: Scope.REQUEST }];
      const { url, received } = await start({}, { providers });
      expect(await deliver(url)).toMatchObject({ status: 200, body: { status: 'processed' } });
      expect(await deliver(url, { secret: 'another' })).toMatchObject({ status: 401 });
      expect(received).toHaveLength(1);
    },
  );

  it('a wrapping interceptor and a catch-all filter: the sender gets the same answers', async () => {
    const providers = [
      { provide: APP_INTERCEPTOR, useClass: WrappingInterceptor },
      { provide: APP_FILTER, useClass: CatchAllFilter },
    ];
    const { url } = await start({}, { providers });
    expect((await deliver(url, { id: 'evt_1' })).body).toEqual({
      status: 'processed',
      id: 'evt_1',
    });
    const forged = await deliver(url, { secret: 'another' });
    expect(forged).toMatchObject({ status: 401, body: { code: 'signature_mismatch' } });
    const invalid = await deliver(url, { body: '[]' });
    expect(invalid).toMatchObject({ status: 400, body: { code: 'invalid_payload' } });
  });
});

describe('an async context reaches the handlers', () => {
  const context = new AsyncLocalStorage<string>();
  const open = (_request: unknown, _response: unknown, next: () => void) =>
    context.run('of the request', next);

  @Injectable()
  class Calls {
    readonly contexts: unknown[] = [];

    @OnCallEnded()
    save() {
      this.contexts.push(context.getStore());
    }
  }

  it.each<[string, (app: INestApplication) => void, MiddlewareOpening]>([
    [
      'of who instruments the server',
      app =>
        (app.getHttpServer() as Server).prependListener('request', () =>
          context.enterWith('of the request'),
        ),
      'nowhere',
    ],
    ['of middleware', app => void app.use(open), 'nowhere'],
    ['of middleware of a module', () => undefined, 'module'],
  ])('%s', async (_name, configure, opening) => {
    @Module({})
    class MiddlewareModule implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        if (opening === 'module') consumer.apply(open).forRoutes('*path');
      }
    }
    const { app, url } = await startApp(
      {
        imports: [RevragWebhookModule.forRoot(SECRET), MiddlewareModule],
        providers: [Calls],
      },
      {},
      configure,
    );
    for (const body of [callEnded(), large]) {
      expect(await deliver(url, { body })).toMatchObject({ status: 200 });
    }
    expect(app.get(Calls).contexts).toEqual(['of the request', 'of the request']);
  });
});

describe('handlers [pitfall 17]', () => {
  it("and the endpoint do not go through the app's guards, pipes, interceptors and filters", async () => {
    const seen: string[] = [];
    const note = (name: string) => seen.push(name);
    @Injectable()
    class NotingGuard implements CanActivate {
      canActivate(context: ExecutionContext) {
        note(`guard of ${context.getClass().name}`);
        return true;
      }
    }
    @Injectable()
    class NotingInterceptor implements NestInterceptor {
      intercept(context: ExecutionContext, next: CallHandler) {
        note(`interceptor of ${context.getClass().name}`);
        return next.handle();
      }
    }
    const providers = [
      { provide: APP_GUARD, useClass: NotingGuard },
      { provide: APP_INTERCEPTOR, useClass: NotingInterceptor },
      { provide: APP_PIPE, useValue: { transform: () => note('pipe') } },
    ];
    const { url } = await start({}, { providers });
    await deliver(url);
    expect(seen).toEqual([]);
  });
});
