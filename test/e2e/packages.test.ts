import {
  Catch,
  Controller,
  Get,
  Injectable,
  Module,
  Post,
  UnauthorizedException,
  ValidationPipe,
  VersioningType,
  type ArgumentsHost,
  type CanActivate,
  type INestApplication,
  type MiddlewareConsumer,
  type ModuleMetadata,
  type NestModule,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, RouterModule } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler';
import { SentryGlobalFilter, SentryModule } from '@sentry/nestjs/setup';
import compression from 'compression';
import session from 'express-session';
import helmet from 'helmet';
import { ClsModule, ClsService } from 'nestjs-cls';
import { Logger, LoggerModule, PinoLogger } from 'nestjs-pino';
import {
  OnCallEnded,
  RevragDelivery,
  RevragEndpoint,
  RevragEventPipe,
  RevragWebhookModule,
  type RevragEvent,
} from 'nestjs-revrag-webhook';
import { ApiRevragWebhook } from 'nestjs-revrag-webhook/swagger';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { pinoHttp } from 'pino-http';
import { NEVER } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { SECRET, startApp } from '../support/app.js';
import { PATH, deliver, genuine, post } from '../support/send.js';

/** Larger than any parser's default limit. */
const large = callEnded({ call_id: 'large', summary: 'x'.repeat(1_500_000) });
const PROCESSED = { status: 200, body: { status: 'processed' } };

/** Puts Express's middleware into a module, where it runs on both platforms. */
function middlewareModule(...middleware: Parameters<MiddlewareConsumer['apply']>) {
  @Module({})
  class MiddlewareModule implements NestModule {
    configure(consumer: MiddlewareConsumer) {
      consumer.apply(...middleware).forRoutes('{*splat}');
    }
  }
  return MiddlewareModule;
}

const lines: Record<string, unknown>[] = [];
const stream = {
  write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
};
const pino = () => LoggerModule.forRoot({ pinoHttp: { stream } });
const cls = () =>
  ClsModule.forRoot({ global: true, middleware: { mount: true, generateId: true } });
const withSession = () =>
  middlewareModule(session({ secret: 's', resave: false, saveUninitialized: true }));

@Injectable()
class Calls {
  static readonly ids: string[] = [];

  @OnCallEnded()
  save({ call_id }: { call_id: string }) {
    Calls.ids.push(call_id);
  }
}

async function expectDelivered(
  metadata: ModuleMetadata,
  configure?: (app: INestApplication) => void,
) {
  Calls.ids.length = 0;
  const imports = [RevragWebhookModule.forRoot(SECRET), ...(metadata.imports ?? [])];
  const providers = [Calls, ...(metadata.providers ?? [])];
  const started = await startApp({ ...metadata, imports, providers }, {}, configure);
  const reply = await deliver(started.url);
  expect(reply).toMatchObject(PROCESSED);
  expect(await deliver(started.url, { body: large })).toMatchObject(PROCESSED);
  expect(await deliver(started.url, { secret: 'another' })).toMatchObject({ status: 401 });
  expect(Calls.ids).toHaveLength(2);
  return { ...started, reply };
}

describe('the endpoint beside', () => {
  it('nestjs-pino, whose request logger handlers have', async () => {
    @Injectable()
    class Logs {
      constructor(private readonly logger: PinoLogger) {}

      @OnCallEnded()
      save() {
        this.logger.info('from the handler');
      }
    }
    lines.length = 0;
    await expectDelivered({ imports: [pino()], providers: [Logs] }, app =>
      app.useLogger(app.get(Logger)),
    );
    const own = lines.filter(({ msg }) => msg === 'from the handler');
    expect(own).toHaveLength(2);
    expect(own[0]!.req).toMatchObject({ method: 'POST', url: PATH });
  });

  it('nestjs-pino, which redacts the signature as docs/observability.md shows it', async () => {
    lines.length = 0;
    const redact = ['req.headers["x-webhook-signature"]', 'req.headers.authorization'];
    await expectDelivered({ imports: [LoggerModule.forRoot({ pinoHttp: { stream, redact } })] });
    const signatures = () =>
      lines.flatMap(({ req }) => {
        const { headers } = (req ?? {}) as { headers?: Record<string, string> };
        return headers?.['x-webhook-signature'] ?? [];
      });
    await expect.poll(signatures).toContain('[Redacted]');
    expect(new Set(signatures())).toEqual(new Set(['[Redacted]']));
  });

  it('pino-http', async () => {
    lines.length = 0;
    await expectDelivered({ imports: [middlewareModule(pinoHttp({}, stream))] });
    await expect.poll(() => lines.filter(({ res }) => res !== undefined).length).toBe(3);
  });

  it('nestjs-cls, whose context handlers have', async () => {
    const ids: unknown[] = [];
    @Injectable()
    class Context {
      constructor(private readonly cls: ClsService) {}

      @OnCallEnded()
      save() {
        ids.push(this.cls.getId());
      }
    }
    await expectDelivered({ imports: [cls()], providers: [Context] });
    expect(ids).toEqual([expect.any(String), expect.any(String)]);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('express-session, bound to every method [pitfall 38]', async () => {
    const { reply } = await expectDelivered({ imports: [withSession()] });
    expect(reply.headers.get('set-cookie')).toMatch(/^connect\.sid=/);
  });

  it('helmet and compression', async () => {
    const { reply } = await expectDelivered({}, app => {
      app.use(helmet());
      app.use(compression({ threshold: 0 }));
    });
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('Sentry', async () => {
    await expectDelivered({
      imports: [SentryModule.forRoot()],
      providers: [{ provide: APP_FILTER, useClass: SentryGlobalFilter }],
    });
  });

  it('a throttler for all routes', async () => {
    await expectDelivered({
      imports: [ThrottlerModule.forRoot([{ ttl: 60_000, limit: 1 }])],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    });
  });
});

@Controller({ path: 'own', version: '1' })
class Own {
  @Post()
  @RevragEndpoint('own')
  receive(@RevragDelivery(RevragEventPipe) event: RevragEvent) {
    return { type: event.type };
  }
}

@Controller({ path: 'health', version: '1' })
class Health {
  constructor(private readonly health: HealthCheckService) {}

  @Get()
  check() {
    return this.health.check([]);
  }
}

@Injectable()
class LetsNobodyIn implements CanActivate {
  canActivate(context: { getClass(): unknown }): boolean {
    if (context.getClass() === Own || context.getClass() === Health) return true;
    throw new UnauthorizedException();
  }
}

@Catch()
class Teapot {
  catch(_error: unknown, host: ArgumentsHost) {
    const response = host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(b: object): void } }>();
    response.status(418).send({});
  }
}

it('all of it at once', async () => {
  lines.length = 0;
  Calls.ids.length = 0;
  const ids: unknown[] = [];
  @Injectable()
  class Contexts {
    constructor(
      private readonly cls: ClsService,
      private readonly logger: PinoLogger,
    ) {}

    @OnCallEnded()
    save() {
      ids.push(this.cls.getId());
      this.logger.info('from the handler');
    }
  }
  const neverAnswers = {
    intercept: (context: { getClass(): unknown }, next: { handle(): unknown }) =>
      context.getClass() === Own || context.getClass() === Health ? next.handle() : NEVER,
  };
  const { app, url } = await startApp(
    {
      imports: [
        SentryModule.forRoot(),
        pino(),
        cls(),
        withSession(),
        TerminusModule,
        ThrottlerModule.forRoot([{ ttl: 60_000, limit: 1000 }]),
        RevragWebhookModule.forRoot({ secret: SECRET, decorators: [ApiRevragWebhook()] }),
        RevragWebhookModule.forRoot({ secret: SECRET, name: 'own', path: false }),
        RouterModule.register([{ path: 'partners', module: RevragWebhookModule }]),
      ],
      controllers: [Own, Health],
      providers: [
        Calls,
        Contexts,
        { provide: APP_GUARD, useClass: ThrottlerGuard },
        { provide: APP_GUARD, useClass: LetsNobodyIn },
        { provide: APP_FILTER, useClass: Teapot },
        { provide: APP_INTERCEPTOR, useValue: neverAnswers },
        {
          provide: APP_PIPE,
          useFactory: () =>
            new ValidationPipe({
              whitelist: true,
              forbidNonWhitelisted: true,
              transform: true,
              validateCustomDecorators: true,
            }),
        },
      ],
    },
    { bufferLogs: true },
    app => {
      app.useLogger(app.get(Logger));
      app.use(helmet());
      app.use(compression({ threshold: 0 }));
      app.enableCors();
      app.setGlobalPrefix('api', { exclude: ['v1/health'] });
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    },
  );
  const path = `/api/partners${PATH}`;
  const ended = callEnded();
  for (const body of [ended, large]) {
    expect(await post(url + path, genuine({ body }))).toMatchObject(PROCESSED);
  }
  const forged = await post(url + path, genuine({ secret: 'another' }));
  expect(forged).toMatchObject({ status: 401, body: { code: 'signature_mismatch' } });
  const own = await post(`${url}/api/v1/own`, genuine({ body: large }));
  expect(own).toMatchObject({ status: 201, body: { type: 'call.ended' } });
  const forgedOwn = await post(`${url}/api/v1/own`, genuine({ secret: 'another' }));
  expect(forgedOwn.status).toBe(418);
  expect(Calls.ids).toEqual([ended.call_id, 'large']);
  expect(new Set(ids).size).toBe(2);
  expect(ids).not.toContain(undefined);
  const logged = lines.filter(({ msg }) => msg === 'from the handler');
  expect(logged.map(({ req }) => (req as { url: string }).url)).toEqual([path, path]);
  const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
  expect(Object.keys(document.paths)).toContain(path);
  expect((await fetch(`${url}/api/v1/health`)).status).toBe(200);
});
