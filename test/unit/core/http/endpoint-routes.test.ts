import {
  All,
  Body,
  Controller,
  Get,
  Module,
  Post,
  VERSION_NEUTRAL,
  VersioningType,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  RevragDelivery,
  RevragEndpoint,
  RevragWebhookModule,
  VerifiedDelivery,
  type UnverifiedRequest,
} from 'nestjs-revrag-webhook';
import { describe, expect, it } from 'vitest';
import { SECRET, appModule, createAdapter, listen, type Platform } from '../../../support/app.js';
import { LogCollector } from '../../../support/logs.js';
import { recorder } from '../../../support/recorder.js';
import { genuine, post } from '../../../support/send.js';

/** A controller of the app that takes deliveries of an endpoint. */
function own(path: string, endpoint = 'other', version?: string): Type {
  @Controller({ path: '', version: version ?? VERSION_NEUTRAL })
  class Own {
    @Post(path)
    @RevragEndpoint(endpoint)
    receive(@RevragDelivery() { params }: VerifiedDelivery) {
      return { by: path, endpoint, params };
    }
  }
  return Own;
}

/** A controller that has nothing to do with webhooks. */
function foreign(path: string, version?: string): Type {
  @Controller({ path: '', version: version ?? VERSION_NEUTRAL })
  class Foreign {
    @Post(path)
    receive(@Body() { call_id }: { call_id?: string }) {
      return { by: path, isParsed: call_id !== undefined };
    }
  }
  return Foreign;
}

interface Scene {
  /** Controllers whose routes are registered before the built-in endpoint. */
  readonly before?: readonly Type[];
  /** Path of the built-in endpoint. */
  readonly builtIn?: string;
  readonly after?: readonly Type[];
  readonly prefix?: string;
}

async function start(
  { before = [], builtIn, after = [], prefix = '' }: Scene,
  platform: Platform = 'express',
  rawBody = false,
) {
  @Module({ controllers: [...after] })
  class Later {}
  const { Calls, received } = recorder();
  const asked: string[] = [];
  const take = ({ endpoint }: UnverifiedRequest) => asked.push(endpoint) > 0;
  const options = { secret: () => SECRET, accept: take };
  const imports = [
    RevragWebhookModule.forRoot({ ...options, path: builtIn ?? false }),
    RevragWebhookModule.forRoot({ ...options, name: 'other', path: false }),
    Later,
  ];
  const logger = new LogCollector();
  const app = await NestFactory.create(
    appModule({ controllers: [...before], imports, providers: [Calls] }),
    createAdapter(platform),
    { logger, rawBody, abortOnError: false },
  );
  app
    .setGlobalPrefix(prefix)
    .enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
  const { url } = await listen(app);
  /** The endpoints for which a body was read before the router had the request. */
  const kept = () => asked.splice(0);
  const send = async (path: string, version = '1') => {
    const { body, headers } = genuine({ id: path });
    const reply = await post(url + path, { body, headers: { ...headers, 'x-version': version } });
    if (reply.body.status !== 'processed') {
      return { kept: kept(), status: reply.status, ...reply.body };
    }
    return { kept: kept(), by: 'the endpoint', params: { ...received.at(-1)?.delivery.params } };
  };
  return { url, send, kept, warnings: logger.of('warn') };
}

const endpoint = (params = {}) => ({ kept: ['default'], by: 'the endpoint', params });
const owns = (by: string, params = {}, of = 'other') => ({ kept: [of], by, endpoint: of, params });
const others = (by: string) => ({ kept: [], by, isParsed: true });

describe('on Express, which tries one route after the other, a delivery', () => {
  it.each<[string, Scene, Record<string, object>]>([
    [
      'goes to an endpoint at each of its paths',
      { builtIn: 'hooks/:agent', before: [own('calls/:tenant')], after: [own('calls')] },
      {
        '/hooks/a%20b': endpoint({ agent: 'a b' }),
        '/HOOKS/x/': endpoint({ agent: 'x' }),
        '/calls/acme': owns('calls/:tenant', { tenant: 'acme' }),
        '/Calls/': owns('calls'),
        '/hooks': { kept: [], status: 404 },
      },
    ],
    [
      'goes to the root of the app, and to a path of escaped characters',
      { before: [own(''), own('calls\\:ended')] },
      { '/': owns(''), '/calls:ended': owns('calls\\:ended') },
    ],
    [
      'goes to the endpoint before any pattern of the app',
      { builtIn: 'hooks/calls', before: [foreign('*rest'), foreign(':a/:b')] },
      { '/hooks/calls': endpoint(), '/hooks/calls/1': others('*rest') },
    ],
    [
      'goes to the pattern of the endpoint before any other pattern',
      { builtIn: 'hooks/:agent', before: [foreign(':a/:b')], after: [foreign('hooks/*rest')] },
      {
        '/hooks/x': endpoint({ agent: 'x' }),
        '/a/x': others(':a/:b'),
        '/hooks/x/y': others('hooks/*rest'),
      },
    ],
    [
      'goes to a route of exactly its path that comes before the pattern of the endpoint',
      { builtIn: 'hooks/:agent', before: [foreign('hooks/a'), own('hooks/b'), own('hooks/c')] },
      { '/hooks/a': others('hooks/a'), '/hooks/b': owns('hooks/b'), '/hooks/c': owns('hooks/c') },
    ],
    [
      'goes to the pattern of the endpoint before a route that comes later',
      { builtIn: 'hooks/:agent', after: [foreign('hooks/a')] },
      { '/hooks/a': endpoint({ agent: 'a' }) },
    ],
    [
      'goes to the first of several routes',
      { before: [own('hooks/:agent'), own('hooks/a'), foreign('hooks/b'), foreign('*rest')] },
      {
        '/hooks/a': owns('hooks/:agent', { agent: 'a' }),
        '/hooks/b': owns('hooks/:agent', { agent: 'b' }),
        '/hooks': others('*rest'),
      },
    ],
  ])('%s', async (_name, scene, expected) => {
    const { send, warnings } = await start(scene);
    for (const [path, served] of Object.entries(expected)) {
      expect(await send(path), path).toMatchObject(served);
    }
    expect(warnings).toEqual([]);
  });

  it('goes to the endpoint before other routes of its path, with a warning for each', async () => {
    const before = [foreign('hooks/calls'), foreign('Hooks/Calls/'), foreign('hooks/:any')];
    const { send, warnings } = await start({ builtIn: 'hooks/calls', before });
    expect(await send('/hooks/calls')).toMatchObject(endpoint());
    expect(warnings).toEqual([
      expect.stringContaining(
        'Foreign.receive gets no POST request: the webhook answers those to /hooks',
      ),
      expect.stringMatching(/^Foreign.receive gets no POST request.* Leave POST out of it, or/),
    ]);
  });

  it.each<[string, Scene, string, Record<string, object>]>([
    [
      'a pattern before its own',
      { before: [foreign('hooks/:any'), own('hooks/calls'), own('calls')] },
      'POST /hooks/calls leads to another route as well',
      { '/hooks/calls': others('hooks/:any'), '/calls': owns('calls') },
    ],
    [
      'the pattern of another endpoint before its own',
      { builtIn: 'hooks/:agent', after: [own('hooks/calls')] },
      'POST /hooks/calls leads to another route as well',
      { '/hooks/calls': endpoint({ agent: 'calls' }) },
    ],
    [
      'the path of another with another version',
      { before: [own('calls', 'other', '2'), foreign('calls', '1')] },
      'POST /calls leads to another route as well',
      { '/calls': others('calls') },
    ],
    [
      'a path that needs backtracking',
      { before: [foreign('y/:a-:b'), own('x/:a-:b'), own('calls/:agent')] },
      'POST /x/:a-:b has a pattern that only Express can match',
      {
        '/x/1-2': { ...owns('x/:a-:b'), kept: [] },
        '/y/1-2': others('y/:a-:b'),
        '/calls/1': owns('calls/:agent', { agent: '1' }),
      },
    ],
    [
      'a prefix that needs backtracking',
      { builtIn: 'hooks', prefix: ':a-:b' },
      'POST /:a-:b/hooks has a pattern that only Express can match',
      { '/1-2/hooks': { ...endpoint(), kept: [] } },
    ],
  ])('to a route with %s needs raw bytes from the app, with a warning', async (...scene) => {
    const [, routes, warning, expected] = scene;
    const { send, warnings } = await start(routes, 'express', true);
    expect(warnings).toEqual([expect.stringContaining(warning)]);
    for (const [path, served] of Object.entries(expected)) {
      expect(await send(path), path).toMatchObject(served);
    }
  });
});

it.each(['express', 'fastify'] as const)(
  'on %s, a request of another method is no delivery, though its path is that of an endpoint',
  async platform => {
    @Controller()
    class Hooks {
      @Get('hooks/calls')
      show() {
        return 'shown';
      }

      @All('calls')
      @RevragEndpoint()
      receive() {
        return 'received';
      }
    }
    const { url, kept } = await start({ before: [Hooks], builtIn: 'hooks/calls' }, platform);
    expect(await (await fetch(`${url}/hooks/calls`)).text()).toBe('shown');
    await fetch(`${url}/calls`, { method: 'PUT', ...genuine() });
    expect(kept()).toEqual([]);
    await fetch(`${url}/calls`, { method: 'POST', ...genuine() });
    expect(kept()).toEqual(['default']);
  },
);

it('on Fastify, a delivery goes to the route that has its path and version', async () => {
  const calls = [own('calls', 'other', '1'), own('calls', 'default', '2')];
  const before = [...calls, own('a'), own('b', 'default'), own(':agent/c'), own('d/*')];
  const { send } = await start({ before, builtIn: 'hooks/:agent' }, 'fastify');
  expect(await send('/calls', '1')).toMatchObject(owns('calls'));
  expect(await send('/calls', '2')).toMatchObject(owns('calls', {}, 'default'));
  expect(await send('/a')).toMatchObject(owns('a'));
  expect(await send('/b')).toMatchObject(owns('b', {}, 'default'));
  expect(await send('/hooks/x')).toMatchObject(endpoint({ agent: 'x' }));
  // As Nest has it, no parameter but a wildcard is empty.
  expect(await send('/d/')).toMatchObject(owns('d/*', { '*': '' }));
  expect(await send('//c')).toMatchObject({ kept: [], status: 404 });
  expect(await send('/hooks/')).toMatchObject({ kept: [], status: 404 });
});
