import { beforeAll, describe } from 'vitest';
import { ask } from './ask.js';
import {
  startPostgresWith,
  startStandbyWith,
  type PostgresServer,
  type PostgresStart,
} from './start-postgres.js';

export type { PostgresServer };

const found = await ask('find postgres');

/** Whether `usePostgres()` works here. */
export const hasPostgres = found.url !== undefined || found.launcher !== undefined;
/** Whether `startPostgres()` works here. */
export const canStartPostgres = found.launcher !== undefined;

export const describeWithPostgres = describe.skipIf(!hasPostgres);
export const describeWithOwnPostgres = describe.skipIf(!canStartPostgres);

/**
 * A PostgreSQL of the caller's own, for tests that stop, slow down or configure it;
 * `server.dispose()` ends it.
 */
export async function startPostgres(options?: PostgresStart): Promise<PostgresServer> {
  if (!found.launcher) throw new Error('No PostgreSQL can be started here');
  const { folder: template } = await ask('template postgres');
  return startPostgresWith(found.launcher, { template, ...options });
}

/** A standby of a primary that `startPostgres()` has made; `server.dispose()` ends it. */
export async function startStandby(
  primary: PostgresServer,
  options?: PostgresStart,
): Promise<PostgresServer> {
  if (!found.launcher) throw new Error('No PostgreSQL can be started here');
  return startStandbyWith(found.launcher, primary, options);
}

/**
 * A database for the tests of the file or `describe` block that calls it, on a server that others use too;
 * its `url` is known once they run.
 */
export function usePostgres(): { readonly url: string } {
  const postgres = { url: '' };
  beforeAll(async () => {
    postgres.url = (await ask('share postgres')).url;
  });
  return postgres;
}
