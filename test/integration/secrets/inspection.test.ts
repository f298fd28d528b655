import { inspect, types } from 'node:util';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import {
  RevragWebhookModule,
  getRevragWebhookToken,
  type RevragWebhookOptionsFactory,
  type RevragWebhookService,
} from 'nestjs-revrag-webhook';
import { PostgresIdempotencyStore } from 'nestjs-revrag-webhook/postgres';
import { RedisIdempotencyStore } from 'nestjs-revrag-webhook/redis';
import { afterEach, describe, expect, it } from 'vitest';
import { appModule } from '../../support/app.js';
import { genuine } from '../../support/send.js';

/** Split, so that a function's source would not show it as a whole. */
const SECRET = ['whsec', 'inspected', '7c1e'].join('_');
const PASSWORD = ['hunter', '2', 'inspected'].join('_');

let app: INestApplicationContext | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

class Options implements RevragWebhookOptionsFactory {
  createRevragWebhookOptions() {
    return { secret: SECRET };
  }
}
@Module({ providers: [Options], exports: [Options] })
class OptionsModule {}

/**
 * The paths to a text in everything that inspecting or serialising a value can show: all properties,
 * hidden ones and symbols included, what getters give, what collections, buffers and promises hold.
 * `inspect` itself would print what is shared once for each way to it.
 */
function leaks(root: unknown, text: string): string[] {
  const found: string[] = [];
  const seen = new Set<unknown>();
  const queue: [path: string, value: unknown][] = [['', root]];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [path, value] = next;
    if (typeof value === 'string' && value.includes(text)) found.push(path);
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
    if (seen.has(value) || value === globalThis || value === process) continue;
    seen.add(value);
    if (value instanceof Uint8Array) {
      if (Buffer.from(value).includes(text)) found.push(path);
      continue;
    }
    if (types.isMap(value)) queue.push([`${path}<entries>`, [...value]]);
    if (types.isSet(value)) queue.push([`${path}<values>`, [...value]]);
    if (value instanceof Promise && inspect(value, { depth: 1 }).includes(text)) found.push(path);
    for (const key of Reflect.ownKeys(value))
      queue.push([`${path}.${String(key)}`, read(value, key)]);
  }
  return found;
}

function read(owner: object, key: string | symbol): unknown {
  try {
    return (owner as Record<string | symbol, unknown>)[key];
  } catch {
    // A getter of somebody else's that throws.
    return undefined;
  }
}

/** Everything that Nest can inject somewhere, and what it keeps of the modules. */
const injectable = (context: INestApplicationContext): unknown => {
  const modules = [...context.get(ModulesContainer).values()];
  const wrappers = modules.flatMap(({ providers, controllers }) => [
    ...providers.values(),
    ...controllers.values(),
  ]);
  return [context, wrappers.map((wrapper): unknown => wrapper.instance)];
};

/** As somebody would print it while looking for something else. */
const printed = (value: unknown): string =>
  inspect(value, { depth: Infinity, showHidden: true, getters: true }) + JSON.stringify(value);

const boot = async (...imports: Parameters<typeof appModule>[0]['imports'] & object) => {
  app = await NestFactory.createApplicationContext(appModule({ imports }), { logger: false });
  return app;
};

describe('a secret [pitfall 37]', () => {
  it.each([
    ['given to forRoot()', () => RevragWebhookModule.forRoot(SECRET)],
    ['among several', () => RevragWebhookModule.forRoot({ secret: [SECRET, 'other'] })],
    [
      'from a factory',
      () => RevragWebhookModule.forRootAsync({ useFactory: () => ({ secret: SECRET }) }),
    ],
    ['from a class', () => RevragWebhookModule.forRootAsync({ useClass: Options })],
    [
      'from a class of another module',
      () => RevragWebhookModule.forRootAsync({ imports: [OptionsModule], useExisting: Options }),
    ],
    [
      'from a function',
      () => RevragWebhookModule.forRoot({ secret: () => Promise.resolve(SECRET) }),
    ],
    [
      'under a name',
      () => RevragWebhookModule.forRoot({ secret: SECRET, name: 'cards', path: 'cards' }),
    ],
  ])('%s is shown by nothing that an app can inject', async (_name, create) => {
    const context = await boot(create());
    const name = _name === 'under a name' ? 'cards' : 'default';
    const service = context.get<RevragWebhookService>(getRevragWebhookToken(name));
    const { body, headers } = genuine({ secret: SECRET });
    // So that what is cached is there to be shown.
    expect(await service.receive(body, headers)).toMatchObject({ status: 'ignored' });
    expect(leaks(injectable(context), SECRET)).toEqual([]);
    expect(printed(service)).not.toContain(SECRET);
  });

  it('would be found by this test', () => {
    class Holder {
      private readonly nested = new Map([['key', { secret: SECRET }]]);
      size = () => this.nested.size;
    }
    expect(leaks(new Holder(), SECRET)).toEqual(['.nested<entries>.0.1.secret']);
  });

  it('is not in the module that forRoot() returns', () => {
    expect(printed(RevragWebhookModule.forRoot(SECRET).providers)).not.toContain(SECRET);
  });
});

describe("the password in a store's URL [pitfall 37]", () => {
  it.each([
    ['Redis', () => new RedisIdempotencyStore(`redis://app:${PASSWORD}@127.0.0.1:1/0`)],
    ['PostgreSQL', () => new PostgresIdempotencyStore(`postgres://app:${PASSWORD}@127.0.0.1:1/db`)],
  ])('of %s is shown by nothing that an app can inject', async (_name, create) => {
    const context = await boot(
      RevragWebhookModule.forRoot({ secret: SECRET, idempotency: { store: create() } }),
    );
    expect(leaks(injectable(context), PASSWORD)).toEqual([]);
  });
});
