import {
  All,
  Controller,
  Get,
  Module,
  Post,
  RequestMethod,
  VERSION_NEUTRAL,
  Version,
  VersioningType,
  type INestApplication,
  type VersioningOptions,
} from '@nestjs/common';
import { ApplicationConfig, ModulesContainer, NestFactory, RouterModule } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Express } from 'express';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { nestRoutes } from '../../../../lib/core/http/nest-routes.js';
import { appModule, createAdapter, type Platform } from '../../../support/app.js';

@Controller(['a', '/b/'])
class Several {
  @Get('x')
  get() {
    return;
  }

  @Post(['x', '/y/'])
  some() {
    return;
  }

  @All('all')
  all() {
    return;
  }
}

@Controller({ path: 'v', version: '2' })
class Versioned {
  @Post()
  one() {
    return;
  }

  @Version(['3', '4'])
  @Post('m')
  other() {
    return;
  }

  @Version(VERSION_NEUTRAL)
  @Post('n')
  neutral() {
    return;
  }
}

@Controller('')
class Root {
  @Post([''])
  root() {
    return;
  }
}

@Module({ controllers: [Versioned] })
class Feature {}

interface Registered {
  readonly path: string;
  readonly version?: unknown;
}

/** The routes for POST that a platform has when Nest has registered its own, in their order. */
async function compare(platform: Platform, configure: (app: INestApplication) => void, path = '') {
  const adapter = createAdapter(platform);
  const registered: Registered[] = [];
  if (adapter instanceof FastifyAdapter) {
    adapter.getInstance<FastifyInstance>().addHook('onRoute', ({ method, url, constraints }) => {
      const version = constraints?.version as unknown;
      if ([method].flat().includes('POST')) registered.push({ path: url, version });
    });
  }
  const imports = [Feature, ...(path ? [RouterModule.register([{ path, module: Feature }])] : [])];
  const app = await NestFactory.create(
    appModule({ imports, controllers: [Several, Root] }),
    adapter,
    { logger: false, abortOnError: false },
  );
  onTestFinished(() => app.close());
  configure(app);
  await app.init();
  if (platform === 'express') {
    for (const { route } of adapter.getInstance<Express>().router.stack) {
      if (route?.stack.some(({ method }) => method === 'post')) registered.push(route);
    }
  }
  const own = nestRoutes(app.get(ModulesContainer), app.get(ApplicationConfig));
  return { own, registered };
}

const uri = (options: object = {}): VersioningOptions => ({ type: VersioningType.URI, ...options });
const header: VersioningOptions = { type: VersioningType.HEADER, header: 'x-version' };

describe('the routes for POST requests are those that Nest registers, with', () => {
  it.each<[string, (app: INestApplication) => void, string?]>([
    ['nothing else', () => undefined],
    ['a prefix', app => app.setGlobalPrefix('api')],
    ['a prefix with slashes', app => app.setGlobalPrefix('/api/v3/')],
    ['a prefix with a parameter', app => app.setGlobalPrefix('t/:tenant')],
    ['RouterModule', () => undefined, 'partners'],
    ['RouterModule and a prefix', app => app.setGlobalPrefix('api'), '/p/q/'],
    [
      'exclusions from the prefix',
      app => app.setGlobalPrefix('api', { exclude: ['a/x', ':any/all', 'partners/v/m'] }),
      'partners',
    ],
    [
      'exclusions of a method',
      app =>
        app.setGlobalPrefix('api', {
          exclude: [
            { path: 'a/x', method: RequestMethod.POST },
            { path: 'b/y', method: RequestMethod.GET },
            { path: 'a/all', method: RequestMethod.POST },
            { path: 'b/all', method: RequestMethod.ALL },
          ],
        }),
    ],
    ['versions in the path', app => app.enableVersioning(uri())],
    ['a default version', app => app.enableVersioning(uri({ defaultVersion: '1' }))],
    [
      'default versions',
      app => app.enableVersioning(uri({ defaultVersion: ['1', VERSION_NEUTRAL] })),
    ],
    ['versions without a prefix', app => app.enableVersioning(uri({ prefix: false }))],
    ['versions with a prefix', app => app.enableVersioning(uri({ prefix: 'version-' }))],
    [
      'all of it',
      app =>
        app
          .setGlobalPrefix('api', { exclude: ['a/x', 'partners/v/{*rest}'] })
          .enableVersioning(uri({ defaultVersion: '1' })),
      'partners',
    ],
    ['versions in a header', app => app.enableVersioning(header)],
    [
      'a default version in a header',
      app => app.enableVersioning({ ...header, defaultVersion: '1' }),
    ],
  ])('%s', async (_name, configure, path) => {
    const onFastify = await compare('fastify', configure, path);
    expect(onFastify.own).toMatchObject(onFastify.registered);
    expect(onFastify.own).toHaveLength(onFastify.registered.length);
    const onExpress = await compare('express', configure, path);
    // Behind them, Nest has routes for what it excludes from the prefix.
    const paths = onExpress.registered.slice(0, onFastify.own.length).map(route => route.path);
    expect(onExpress.own.map(route => route.path)).toEqual(paths);
    expect(paths.length).toBeGreaterThan(9);
  });
});
