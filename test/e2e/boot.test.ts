import {
  Controller,
  Injectable,
  Module,
  Post,
  Scope,
  type INestApplication,
  type NestApplicationOptions,
} from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import express from 'express';
import {
  IdempotencyStore,
  RevragConfigurationError,
  RevragEndpoint,
  RevragWebhookModule,
  type RevragWebhookModuleOptions,
  type RevragWebhookOptions,
  type RevragWebhookOptionsFactory,
} from 'nestjs-revrag-webhook';
import { callEnded } from 'nestjs-revrag-webhook/testing';
import { describe, expect, it } from 'vitest';
import { SECRET, appModule, createAdapter, listen, platform, startApp } from '../support/app.js';
import { LogCollector } from '../support/logs.js';
import { recorder } from '../support/recorder.js';
import { PATH, deliver, genuine, post } from '../support/send.js';
import { UnreliableStore } from '../support/unreliable-store.js';

/** Larger than any parser's default limit. */
const large = callEnded({ summary: 'x'.repeat(1_500_000) });

/** Middleware that reads bodies comes too late on Express only, and so do these settings. */
const ON_EXPRESS: [string, NestApplicationOptions, (app: INestApplication) => void][] = [
  ['that mounts express.json()', {}, app => app.use(express.json())],
  [
    'that mounts express.raw() and text()',
    {},
    app => {
      app.use(express.raw({ type: '*/*' }));
      app.use(express.text({ type: '*/*' }));
    },
  ],
  [
    'that calls useBodyParser',
    {},
    app => (app as NestExpressApplication).useBodyParser('json', { limit: '10kb' }),
  ],
  [
    'with strict, case-sensitive routing',
    {},
    app => {
      (app as NestExpressApplication).enable('strict routing').enable('case sensitive routing');
    },
  ],
];

describe('the endpoint works in an app', () => {
  const imports = [RevragWebhookModule.forRoot(SECRET)];

  it.each<[string, NestApplicationOptions, (app: INestApplication) => void]>([
    ['with no options', {}, () => undefined],
    ['with rawBody: true', { rawBody: true }, () => undefined],
    ['with bodyParser: false', { bodyParser: false }, () => undefined],
    ...(platform === 'express' ? ON_EXPRESS : []),
  ])('%s [pitfall 8, pitfall 27]', async (_name, options, configure) => {
    const { Calls, received } = recorder();
    const { url } = await startApp({ imports, providers: [Calls] }, options, configure);
    expect(await deliver(url, { body: large })).toMatchObject({ status: 200 });
    expect(received[0]!.payload).toMatchObject(large);
  });

  it('made by a testing module, where the adapter comes late [pitfall 27]', async () => {
    const { Calls, received } = recorder();
    const module = await Test.createTestingModule({ imports, providers: [Calls] }).compile();
    const { url } = await listen(module.createNestApplication(createAdapter(), { logger: false }));
    expect(await deliver(url, { body: large })).toMatchObject({ status: 200 });
    expect(received).toHaveLength(1);
  });

  it.runIf(platform === 'express')(
    'on a path in other case or with a slash at its end, as the platform routes them',
    async () => {
      const { Calls, received } = recorder();
      const { url } = await startApp({ imports, providers: [Calls] });
      for (const path of [`${PATH}/`, PATH.toUpperCase(), `${PATH}?agent=1`]) {
        const reply = await post(
          url + path,
          genuine({ body: callEnded({ call_id: path, summary: large.summary }) }),
        );
        expect(reply).toMatchObject({ status: 200, body: { status: 'processed' } });
      }
      expect(received).toHaveLength(3);
    },
  );

  it('without HTTP, and leaves nothing behind [pitfall 27]', async () => {
    const { Calls } = recorder();
    const app = await NestFactory.createApplicationContext(
      appModule({ imports, providers: [Calls] }),
      { logger: false, abortOnError: false },
    );
    await app.close();
  });

  it('that logs where the endpoint is', async () => {
    const logs = new LogCollector();
    await startApp({ imports }, { logger: logs }, app => app.setGlobalPrefix('api'));
    expect(logs.text).toContain('Endpoint default: POST /api/webhooks/revrag');
    expect(logs.text).not.toContain(SECRET);
  });
});

describe('an endpoint without a route', () => {
  /** Something replaces the router, and a route is lost. */
  const losesRoute =
    (lost: string) =>
    (app: INestApplication): void => {
      const server = app.getHttpAdapter().getInstance() as Record<
        'post' | 'route',
        (...args: unknown[]) => unknown
      >;
      const add = platform === 'express' ? 'post' : 'route';
      const kept = server[add].bind(server);
      server[add] = (given, ...handlers) => {
        const path = typeof given === 'string' ? given : (given as { url: string }).url;
        return path === lost ? server : kept(given, ...handlers);
      };
    };
  const imports = [RevragWebhookModule.forRoot(SECRET)];

  it('stops the boot', async () => {
    const started = startApp({ imports }, {}, losesRoute(PATH));
    await expect(started).rejects.toThrow(
      /"default" has no route: nothing answers POST \/webhooks/,
    );
  });

  it('does not stop it if it is a controller of the app', async () => {
    @Controller('own')
    class Own {
      @Post()
      @RevragEndpoint()
      receive() {
        return;
      }
    }
    const { url } = await startApp({ imports, controllers: [Own] }, {}, losesRoute('/own'));
    expect(await deliver(url)).toMatchObject({ status: 200 });
    expect(await post(`${url}/own`, genuine())).toMatchObject({ status: 404 });
  });

  it.runIf(platform === 'express').each([[undefined], [{}]])(
    'does not stop it if the app shows %j for its router, which says nothing of routes',
    async router => {
      const server = express();
      const hidden = new Proxy(server, {
        get(_target, key) {
          const value: unknown = key === 'router' ? router : Reflect.get(server, key);
          return typeof value === 'function' ? (value.bind(server) as unknown) : value;
        },
      });
      const app = await NestFactory.create(appModule({ imports }), new ExpressAdapter(hidden), {
        logger: false,
        abortOnError: false,
      });
      const { url } = await listen(app);
      expect(await deliver(url)).toMatchObject({ status: 200 });
    },
  );
});

describe('forRootAsync', () => {
  const expectDelivered = async (
    dynamic: ReturnType<typeof RevragWebhookModule.forRootAsync>,
    path = PATH,
  ) => {
    const { Calls, received } = recorder();
    const { url } = await startApp({ imports: [dynamic], providers: [Calls] });
    expect(await post(url + path, genuine())).toMatchObject({ status: 200 });
    expect(received).toHaveLength(1);
  };

  class Options implements RevragWebhookOptionsFactory {
    createRevragWebhookOptions(): RevragWebhookOptions {
      return { secret: SECRET };
    }
  }

  it('takes a factory with ConfigService', async () => {
    await expectDelivered(
      RevragWebhookModule.forRootAsync({
        imports: [
          ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ REVRAG: SECRET })] }),
        ],
        inject: [ConfigService],
        path: 'hooks/calls',
        useFactory: (config: ConfigService) => ({ secret: config.getOrThrow<string>('REVRAG') }),
      }),
      '/hooks/calls',
    );
  });

  it('takes a factory that answers with the secret alone, later', async () => {
    await expectDelivered(
      RevragWebhookModule.forRootAsync({ useFactory: () => Promise.resolve(SECRET) }),
    );
  });

  it('takes a class', async () => {
    await expectDelivered(RevragWebhookModule.forRootAsync({ useClass: Options }));
  });

  it('takes what is there already', async () => {
    @Module({ providers: [Options], exports: [Options] })
    class OptionsModule {}
    await expectDelivered(
      RevragWebhookModule.forRootAsync({ imports: [OptionsModule], useExisting: Options }),
    );
  });

  it('takes secrets from a function, asked at run time', async () => {
    let secret = 'old';
    const { Calls } = recorder();
    const { url } = await startApp({
      imports: [
        RevragWebhookModule.forRootAsync({
          useFactory: () => ({ secret: () => Promise.resolve(secret) }),
        }),
      ],
      providers: [Calls],
    });
    secret = SECRET;
    expect(await deliver(url)).toMatchObject({ status: 200 });
  });
});

describe('a store', () => {
  it('may be provided under the token IdempotencyStore', async () => {
    const store = new UnreliableStore();
    @Module({
      providers: [{ provide: IdempotencyStore, useValue: store }],
      exports: [IdempotencyStore],
    })
    class StoreModule {}
    const { Calls } = recorder();
    const imports = [{ module: StoreModule, global: true }, RevragWebhookModule.forRoot(SECRET)];
    const { url } = await startApp({ imports, providers: [Calls] });
    await deliver(url);
    expect(store.asked).toEqual(['claim', 'end']);
  });

  it('is closed with the app', async () => {
    let closed = 0;
    const store = Object.assign(new UnreliableStore(), {
      close: () => Promise.resolve((closed += 1)).then(() => undefined),
    });
    const imports = [RevragWebhookModule.forRoot({ secret: SECRET, idempotency: { store } })];
    const { app } = await startApp({ imports });
    await app.close();
    expect(closed).toBe(1);
  });
});

describe('the boot fails', () => {
  const boot = async (...imports: Parameters<typeof appModule>[0]['imports'] & object) => {
    const app = await NestFactory.create(appModule({ imports }), {
      logger: false,
      abortOnError: false,
    });
    try {
      await app.init();
    } finally {
      await app.close();
    }
  };
  const bootWith = (options: Partial<RevragWebhookOptions & RevragWebhookModuleOptions>) =>
    boot(RevragWebhookModule.forRoot({ secret: SECRET, ...options }));

  it.each([
    ['missing', undefined, /secret is missing.*environment variable/s],
    ['empty', '', /secret is empty/],
    ['padded with white space', `${SECRET}\n`, /white space around it/],
    ['a list that is empty', [], /list of secrets is empty/],
  ])('for a secret that is %s [pitfall 6]', async (_name, secret, message) => {
    await expect(boot(RevragWebhookModule.forRoot(secret))).rejects.toThrow(
      RevragConfigurationError,
    );
    await expect(boot(RevragWebhookModule.forRoot(secret))).rejects.toThrow(message);
    const later = RevragWebhookModule.forRootAsync({ useFactory: () => ({ secret }) });
    await expect(boot(later)).rejects.toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown option', { secrets: ['x'] }, /no option secrets.*Known are secret,/s],
    ['an unknown option of idempotency', { idempotency: { ttl: 1 } }, /no option idempotency.ttl/],
    ['a negative tolerance', { tolerance: -1 }, /tolerance must be a number from 1/],
    ['a tolerance that is no number', { tolerance: NaN }, /tolerance must be a number/],
    ['a limit of another kind', { bodyLimit: '5 potatoes' }, /bodyLimit must be.*'5mb'/],
    ['a limit of nothing', { bodyLimit: 0 }, /bodyLimit must be/],
    ['a lease of nothing', { idempotency: { lease: 0 } }, /idempotency.lease must be/],
    [
      'a store that is none',
      { idempotency: { store: {} } },
      /must be an IdempotencyStore; it has no claim/,
    ],
    ['a timeout that no timer holds', { handlerTimeout: 2 ** 31 }, /handlerTimeout must be/],
    ['a timeout of nothing', { handlerTimeout: 0 }, /handlerTimeout must be/],
    ['a timeout from an unset variable', { handlerTimeout: NaN }, /handlerTimeout must be/],
    ['a limit of nothing, as text', { bodyLimit: '0kb' }, /bodyLimit must be/],
    ['idempotency: true', { idempotency: true }, /idempotency must be false or an object/],
    ['idempotency: null', { idempotency: null }, /idempotency must be false or an object/],
  ])('for %s', async (_name, options, message) => {
    await expect(bootWith(options)).rejects.toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ['a path with a wildcard', { path: 'hooks/*' }, /path must be a path of text and parameters/],
    ['a path with half a parameter', { path: 'hooks/x:id' }, /path must be a path of text/],
    ['a name with blanks', { name: 'my agent' }, /name of a RevRag webhook endpoint/],
    ['a decorator that was not called', { decorators: ['Public'] }, /decorators must be a list/],
  ])('for %s, at once', (_name, options, message) => {
    expect(() => RevragWebhookModule.forRoot({ secret: SECRET, ...options })).toThrow(message);
  });

  it('for options of the module that come from the factory, which is too late', async () => {
    const useFactory = () => ({ secret: SECRET, path: 'x' }) as RevragWebhookOptions;
    await expect(boot(RevragWebhookModule.forRootAsync({ useFactory }))).rejects.toThrow(
      /no option path. It is an option of the module: give it to forRootAsync\(\) beside the factory/,
    );
    expect(() => RevragWebhookModule.forRootAsync({ useFactory, secret: SECRET } as never)).toThrow(
      /no option secret here. Return it from the factory/,
    );
  });

  it('for options that depend on a request-scoped provider', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Config {
      readonly secret = SECRET;
    }
    @Module({ providers: [Config], exports: [Config] })
    class ConfigModule {}
    const module = RevragWebhookModule.forRootAsync({
      imports: [ConfigModule],
      inject: [Config],
      useFactory: ({ secret }: Config) => secret,
    });
    await expect(boot(module)).rejects.toThrow(
      /no RevRag webhook endpoint "default"; there is none.* must not depend on a request-scoped provider/,
    );
  });

  it('for a name or a path used twice', async () => {
    const module = (options: RevragWebhookModuleOptions) =>
      RevragWebhookModule.forRoot({ secret: SECRET, ...options });
    await expect(boot(module({ path: 'a' }), module({ path: 'b' }))).rejects.toThrow(
      /Two RevRag webhook endpoints have the name "default"/,
    );
    await expect(boot(module({ name: 'a' }), module({ name: 'b' }))).rejects.toThrow(
      /have the path "webhooks\/revrag"/,
    );
    await boot(module({ name: 'a', path: false }), module({ name: 'b', path: false }));
  });

  it('for the bare class in place of forRoot()', async () => {
    await expect(boot(RevragWebhookModule)).rejects.toThrow(
      /imported without a secret: import RevragWebhookModule.forRoot\(secret\)/,
    );
  });
});
