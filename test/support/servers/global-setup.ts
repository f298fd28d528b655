import type { TestProject } from 'vitest/node';
import { findPostgres, findRedis, type FoundServer } from './find-servers.js';

declare module 'vitest' {
  export interface ProvidedContext {
    redis: FoundServer;
    postgres: FoundServer;
  }
}

/** Finds out once, before all tests, where servers come from. Each test file starts what it needs. */
export default function setup(project: TestProject): void {
  const redis = findRedis();
  const postgres = findPostgres();
  report('Redis', redis, 'install redis-server or valkey-server, or set TEST_REDIS_URL');
  report('PostgreSQL', postgres, 'install postgresql, or set TEST_POSTGRES_URL');
  project.provide('redis', redis);
  project.provide('postgres', postgres);
}

function report(name: string, { url, launcher }: FoundServer, cure: string): void {
  if (launcher) return;
  const what = url ? `which stop, slow down or configure ${name}` : `which need ${name}`;
  const message = `No ${name} can be started here. Tests ${what} are skipped; to have them, ${cure}.`;
  if (!url && process.env.CI) throw new Error(message);
  console.warn(message);
}
