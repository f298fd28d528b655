import type { TestProject } from 'vitest/node';
import { findChromium } from '../browser/find-chromium.js';
import { findPostgres, findRedis, type FoundServer } from './find-servers.js';

declare module 'vitest' {
  export interface ProvidedContext {
    redis: FoundServer;
    postgres: FoundServer;
    /** Path of the program, if there is one. */
    chromium: string | undefined;
  }
}

/** Finds out once, before all tests, where servers and a browser come from. Each test file starts what it needs. */
export default function setup(project: TestProject): void {
  const redis = findRedis();
  const postgres = findPostgres();
  const chromium = findChromium();
  report('Redis', redis, 'install redis-server or valkey-server, or set TEST_REDIS_URL');
  report('PostgreSQL', postgres, 'install postgresql, or set TEST_POSTGRES_URL');
  if (!chromium)
    tell('No Chromium was found. Tests of pages are skipped; to have them, install chromium.');
  project.provide('chromium', chromium);
  project.provide('redis', redis);
  project.provide('postgres', postgres);
}

function report(name: string, { url, launcher }: FoundServer, cure: string): void {
  if (launcher) return;
  const what = url ? `which stop, slow down or configure ${name}` : `which need ${name}`;
  const message = `No ${name} can be started here. Tests ${what} are skipped; to have them, ${cure}.`;
  if (url) console.warn(message);
  else tell(message);
}

function tell(message: string): void {
  if (process.env.CI) throw new Error(message);
  console.warn(message);
}
