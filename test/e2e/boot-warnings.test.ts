import { setImmediate as turn } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RevragWebhookModule, type RevragWebhookOptions } from 'nestjs-revrag-webhook';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { SECRET, createAdapter, startApp } from '../support/app.js';
import { LogCollector } from '../support/logs.js';
import { recorder } from '../support/recorder.js';

const endpoint = (name: string, secret: RevragWebhookOptions['secret']) =>
  RevragWebhookModule.forRoot({ name, path: `hooks/${name}`, secret });

async function warnings(
  imports: ReturnType<typeof endpoint>[],
  configure?: (app: INestApplication) => void,
): Promise<string[]> {
  const logs = new LogCollector();
  const { Calls } = recorder();
  await startApp({ imports, providers: [Calls] }, { logger: logs }, configure);
  await turn();
  return logs.of('warn');
}

describe('endpoints with the same secret', () => {
  it('are warned of once, by name, without the secret', async () => {
    const found = await warnings([
      endpoint('loans', SECRET),
      endpoint('cards', ['another', SECRET]),
      endpoint('cases', 'a third'),
      endpoint('funds', SECRET),
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('The endpoints loans, cards, funds have the same secret');
    expect(found[0]).not.toContain(SECRET);
  });

  it('are fine where the secrets differ, or come from a function', async () => {
    const function_ = () => SECRET;
    const imports = [endpoint('a', SECRET), endpoint('b', function_), endpoint('c', function_)];
    expect(await warnings(imports)).toEqual([]);
  });
});

describe('an app that nothing closes on SIGTERM', () => {
  const imports = [endpoint('loans', SECRET)];
  const runAs = (env: string) => {
    vi.stubEnv('NODE_ENV', env);
    const others = process.listeners('SIGTERM');
    process.removeAllListeners('SIGTERM');
    onTestFinished(() => {
      vi.unstubAllEnvs();
      for (const listener of others) process.on('SIGTERM', listener);
    });
  };

  it('is warned once it listens', async () => {
    runAs('production');
    const found = await warnings(imports);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('app.enableShutdownHooks() in main.ts');
  });

  it('is not warned when it enables shutdown hooks, before or after listening', async () => {
    runAs('production');
    expect(await warnings(imports, app => app.enableShutdownHooks())).toEqual([]);
    const logs = new LogCollector();
    const { Calls } = recorder();
    const { app } = await startApp({ imports, providers: [Calls] }, { logger: logs });
    app.enableShutdownHooks();
    await turn();
    expect(logs.of('warn')).toEqual([]);
  });

  it('is not warned where there is nothing to listen for: in a test, or without a port', async () => {
    runAs('test');
    expect(await warnings(imports)).toEqual([]);
    vi.stubEnv('NODE_ENV', 'production');
    const logs = new LogCollector();
    const { Calls } = recorder();
    const module = await Test.createTestingModule({ imports, providers: [Calls] }).compile();
    const app = module.createNestApplication(createAdapter(), { logger: logs });
    await app.init();
    await turn();
    await app.close();
    expect(logs.of('warn')).toEqual([]);
  });
});
